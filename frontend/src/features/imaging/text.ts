import { dictionary } from "@/i18n";
import en from "@/i18n/en/imaging";
import vi from "@/i18n/vi/imaging";

export const useText = dictionary(vi, en);
