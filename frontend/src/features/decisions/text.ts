import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/decisions";

export const useText = dictionary(vi);
