import { dictionary } from "@/i18n";
import en from "@/i18n/en/restriction";
import vi from "@/i18n/vi/restriction";

export const useText = dictionary(vi, en);
