import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/personal";
import words from "@/i18n/vi/patient-sign";

export const useText = dictionary(vi);
/** Relations, grounds and papers of a representative, in the words that a signing patient reads. */
export const useRepresentativeText = dictionary(words);
