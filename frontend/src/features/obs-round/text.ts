import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/round";

export const useText = dictionary(vi);
