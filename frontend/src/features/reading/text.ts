import { dictionary } from "@/i18n";
import en from "@/i18n/en/reading";
import vi from "@/i18n/vi/reading";

export const useText = dictionary(vi, en);
