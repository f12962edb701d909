import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/requests";

export const useText = dictionary(vi);
