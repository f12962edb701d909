import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/scans";

export const useText = dictionary(vi);
