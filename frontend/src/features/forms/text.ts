import { dictionary, type Translate } from "@/i18n";
import vi from "@/i18n/vi/forms";
import type { Told } from "./typed";

export const useText = dictionary(vi);
export type FormText = Translate<typeof vi>;

/** Why a field cannot be read, and what to type. */
export const sentenceOf = (t: FormText, { wrong, values }: Told): string => t(wrong === "icd10" ? "icd10Wrong" : wrong, values);
