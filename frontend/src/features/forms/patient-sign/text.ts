import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/patient-sign";

export const useText = dictionary(vi);
