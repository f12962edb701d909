import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/incidents";

export const useText = dictionary(vi);
