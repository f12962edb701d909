import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/work";

export const useText = dictionary(vi);
