import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/adt";

export const useText = dictionary(vi);
