import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/record";

export const useText = dictionary(vi);
