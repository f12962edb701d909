// A form as data, as server/domain/src/form writes it: what it asks for, in which order, and whose signatures it needs.
import type { FormKind, Needed, Role } from "./types";

export interface FormDefinition {
  code: string; number: string; title: string; title_en: string; version: number; legal_act: string; valid_from: string; valid_to?: string;
  kind: FormKind; once: boolean; leaves: boolean;
  signing: { unit: "entry" | "sheet"; authors: Role[]; slots: { name: string; label: string; who: "staff" | "patient"; roles?: Role[]; needed: Needed }[] };
  sections: FormSection[];
}
/** `text`: words of the form itself, such as what somebody consents to. */
export interface FormSection { name: string; label: string; hint: string; text?: string; fields: FormField[] }
export type FieldKind = "line" | "text" | "quantity" | "score" | "blood-pressure" | "choice" | "choices" | "check" | "date" | "instant" | "diagnosis" | "table";
export interface FormField {
  name: string; label: string; label_en?: string; kind: FieldKind; unit?: string; unit_label?: string; needed: Needed;
  options?: { code: string; label: string }[]; columns?: FormField[]; decimals?: number; low?: number; high?: number;
  prefill?: string; calculation?: Calculation; hint?: string; width: "full" | "half" | "third";
}
export type Calculation =
  | { sum: string[] }
  | { "column-sum": { table: string; column: string } }
  | { difference: { of: string; less: string } }
  | { "body-mass-index": { weight: string; height: string } }
  | { days: { from: string; to: string } };

/** What is empty is not there. */
export type FormCell = string | number | true | string[] | { systolic: number; diastolic: number } | { text?: string; code?: string };
export type FormRow = Record<string, FormCell>;
export type FormValue = FormCell | FormRow[];
export type FormValues = Record<string, FormValue>;
