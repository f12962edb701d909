import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/seals";

export const useText = dictionary(vi);
