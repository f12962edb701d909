import { dictionary } from "@/i18n";
import en from "@/i18n/en/treatment";
import vi from "@/i18n/vi/treatment";

export const useText = dictionary(vi, en);
