import { dictionary } from "@/i18n";
import en from "@/i18n/en/shell";
import vi from "@/i18n/vi/shell";

export const useText = dictionary(vi, en);
