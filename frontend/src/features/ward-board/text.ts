import { dictionary } from "@/i18n";
import en from "@/i18n/en/board";
import vi from "@/i18n/vi/board";

export const useText = dictionary(vi, en);
