import { dictionary } from "@/i18n";
import en from "@/i18n/en/login";
import vi from "@/i18n/vi/login";

export const useText = dictionary(vi, en);
