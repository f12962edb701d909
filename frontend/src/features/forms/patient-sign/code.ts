import type { CodeSent } from "@/api";

/** What stands in the fields of a code for a phone; it outlives a look at the witness's PIN. */
export interface Code { number: string; sent: CodeSent | null; digits: string }
export const NO_CODE: Code = { number: "", sent: null, digits: "" };
