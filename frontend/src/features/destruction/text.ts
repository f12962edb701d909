import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/destruction";

export const useText = dictionary(vi);
