import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/access";

export const useText = dictionary(vi);
