import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/imaging";

export const useText = dictionary(vi);
