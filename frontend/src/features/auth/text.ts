import { dictionary } from "@/i18n";
import en from "@/i18n/en/login";
import keysInEnglish from "@/i18n/en/security-key";
import vi from "@/i18n/vi/login";
import keysInVietnamese from "@/i18n/vi/security-key";

export const useText = dictionary(vi, en);
/** Of security keys; apart, because the words of the lock are in the first load. */
export const useKeyText = dictionary(keysInVietnamese, keysInEnglish);
