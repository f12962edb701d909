import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/confirmations";

export const useText = dictionary(vi);
