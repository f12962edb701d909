// What stands in a field as it was typed, and what it means. The server reads it again and decides; this tells at once.
import type { FormDefinition, FormField, FormRow, FormValue, FormValues } from "@/api/form-definition";
import { parseFigure } from "@/lib/number";
import { birthDate, fullDateTime, parseDate, parseDateTime } from "@/lib/time";

export interface TypedDiagnosis { text: string; code: string }
export type TypedCell = string | boolean | readonly string[] | TypedDiagnosis;
export type TypedRow = Readonly<Record<string, TypedCell>>;
export type Typed = TypedCell | readonly TypedRow[];
export type TypedForm = Readonly<Record<string, Typed>>;

export const LINE = 300;
export const TEXT = 10_000;
const DIAGNOSIS = 1_000;

export type Wrong = "number" | "whole" | "range" | "rangeFrom" | "rangeTo" | "pressure" | "date" | "instant" | "icd10" | "long";
export interface Told { wrong: Wrong; values?: Record<string, string | number> }
export type Read<V> = { value?: V; told?: never } | { told: Told; value?: never };

export const wordsIn = (typed: Typed | undefined): string => (typeof typed === "string" ? typed : "");
export const codesIn = (typed: Typed | undefined): readonly string[] => (Array.isArray(typed) ? (typed as readonly unknown[]).filter((one): one is string => typeof one === "string") : []);
export const rowsIn = (typed: Typed | undefined): readonly TypedRow[] => (Array.isArray(typed) ? (typed as readonly (string | TypedRow)[]).filter((one): one is TypedRow => typeof one !== "string") : []);
export const diagnosisIn = (typed: Typed | undefined): TypedDiagnosis => (typeof typed === "object" && "text" in typed ? (typed as TypedDiagnosis) : { text: "", code: "" });

/** 21 is 21, 36.8 is 36,8: as the record has it, with a comma. */
export const written = (value: number): string => String(value).replace(".", ",");

/** What the field shows of a value on record. */
export function typedOf(field: FormField, value: FormValue | undefined): Typed {
  switch (field.kind) {
    case "check":
      return value === true;
    case "choices":
      return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
    case "table": {
      const rows = Array.isArray(value) ? value.filter((one): one is FormRow => typeof one === "object") : [];
      return rows.map((row) => Object.fromEntries(writtenColumns(field).map((column) => [column.name, typedOf(column, row[column.name]) as TypedCell])));
    }
    case "diagnosis": {
      const found = typeof value === "object" && !Array.isArray(value) ? (value as { text?: string; code?: string }) : {};
      return { text: found.text ?? "", code: found.code ?? "" };
    }
    case "blood-pressure":
      return typeof value === "object" && "systolic" in value ? `${value.systolic}/${value.diastolic}` : "";
    case "date":
      return birthDate(wordsIn(value as Typed));
    case "instant":
      return typeof value === "string" ? fullDateTime(value) : "";
    default:
      return typeof value === "number" ? written(value) : wordsIn(value as Typed);
  }
}
export const typedForm = (form: FormDefinition, values: FormValues): TypedForm => Object.fromEntries(fieldsOf(form).filter((field) => !field.calculation).map((field) => [field.name, typedOf(field, values[field.name])]));
export const fieldsOf = (form: FormDefinition): FormField[] => form.sections.flatMap((section) => section.fields);
/** The columns of a table that somebody writes; the others are worked out from them. */
export const writtenColumns = (field: FormField): FormField[] => (field.columns ?? []).filter((column) => !column.calculation);
/** A row of a table with nothing in it yet. */
export const blankRow = (field: FormField): TypedRow => Object.fromEntries(writtenColumns(field).map((column) => [column.name, typedOf(column, undefined) as TypedCell]));

export function isBlank(typed: Typed | undefined): boolean {
  if (typed === undefined || typed === false) return true;
  if (typed === true) return false;
  if (typeof typed === "string") return typed.trim() === "";
  if (Array.isArray(typed)) return (typed as readonly (string | TypedRow)[]).every((one) => typeof one !== "string" && isBlankRow(one));
  const { text, code } = typed as TypedDiagnosis;
  return text.trim() === "" && code.trim() === "";
}
export const isBlankRow = (row: TypedRow): boolean => Object.values(row).every(isBlank);

function words(text: string, most: number): Read<string> {
  const clean = text.trim().normalize("NFC");
  if ([...clean].length > most) return { told: { wrong: "long", values: { n: most } } };
  return { value: clean };
}

function number(field: FormField, text: string): Read<number> {
  const minus = /^[-−]/.test(text);
  const plain = parseFigure(minus ? text.slice(1) : text);
  if (plain === null) return { told: { wrong: field.kind === "score" ? "whole" : "number" } };
  // 368 and 36,8 are one temperature, as in the round.
  const given = (minus ? -1 : 1) * (field.unit === "Cel" && /^\d{3}$/.test(text) ? plain / 10 : plain);
  if (field.kind === "score" && !Number.isInteger(given)) return { told: { wrong: "whole" } };
  const { low, high } = field;
  if ((low !== undefined && given < low) || (high !== undefined && given > high)) {
    const wrong = low === undefined ? "rangeTo" : high === undefined ? "rangeFrom" : "range";
    return { told: { wrong, values: { low: written(low ?? 0), high: written(high ?? 0) } } };
  }
  const scale = 10 ** Math.min(field.decimals ?? 3, 6);
  return { value: Math.round(given * scale) / scale };
}

function pressure(text: string): Read<{ systolic: number; diastolic: number }> {
  const match = /^(\d{2,3})\s*[/ \-.,]\s*(\d{2,3})$/.exec(text);
  const [systolic, diastolic] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || systolic < 30 || systolic > 300 || diastolic < 10 || diastolic > 200 || diastolic > systolic) return { told: { wrong: "pressure" } };
  return { value: { systolic, diastolic } };
}

function diagnosis({ text, code }: TypedDiagnosis): Read<{ text?: string; code?: string }> {
  const clean = words(text, DIAGNOSIS);
  if (clean.told) return clean;
  const upper = code.trim().toUpperCase();
  if (upper !== "" && !/^[A-Z]\d{2}(\.[A-Z0-9]{1,4})?$/.test(upper)) return { told: { wrong: "icd10" } };
  return { value: { ...(clean.value && { text: clean.value }), ...(upper && { code: upper }) } };
}

/** A cell or a field that is no table; nothing when it is empty. */
export function readCell(field: FormField, typed: Typed | undefined, now: number): Read<FormValue> {
  if (isBlank(typed)) return {};
  const text = wordsIn(typed).trim();
  switch (field.kind) {
    case "line":
      return words(text, LINE);
    case "text":
      return words(text, TEXT);
    case "quantity":
    case "score":
      return number(field, text);
    case "blood-pressure":
      return pressure(text);
    case "choice":
      return { value: text };
    case "choices":
      return { value: [...codesIn(typed)] };
    case "check":
      return { value: true };
    case "date": {
      const day = parseDate(text);
      return day ? { value: day } : { told: { wrong: "date" } };
    }
    case "instant": {
      const at = parseDateTime(text, now);
      return at ? { value: at } : { told: { wrong: "instant" } };
    }
    case "diagnosis":
      return diagnosis(diagnosisIn(typed));
    case "table":
      return {};
  }
}

export interface ReadForm { values: FormValues; told: ReadonlyMap<string, Told> }
/** The whole form: what is sent, and what cannot be read, by place. Blank rows are kept: a place counts them. */
export function readForm(form: FormDefinition, typed: TypedForm, now: number): ReadForm {
  const values: FormValues = {};
  const told = new Map<string, Told>();
  const take = (field: FormField, of: Typed | undefined, place: string): FormValue | undefined => {
    const read = readCell(field, of, now);
    if (read.told) told.set(place, read.told);
    return read.value;
  };
  for (const field of fieldsOf(form)) {
    if (field.calculation) continue;
    if (field.kind !== "table") {
      const value = take(field, typed[field.name], field.name);
      if (value !== undefined) values[field.name] = value;
      continue;
    }
    const rows = rowsIn(typed[field.name]).map((row, at) => {
      const cells = writtenColumns(field).map((column) => [column.name, take(column, row[column.name], `${field.name}/${at}/${column.name}`)] as const);
      return Object.fromEntries(cells.filter(([, value]) => value !== undefined)) as FormRow;
    });
    if (rows.some((row) => Object.keys(row).length > 0)) values[field.name] = rows;
  }
  return { values, told };
}

/** Without the blank rows of tables, so that places that the server names are those on the screen. */
export function withoutBlankRows(form: FormDefinition, typed: TypedForm): TypedForm {
  const tables = fieldsOf(form).filter((field) => field.kind === "table" && rowsIn(typed[field.name]).some(isBlankRow));
  return tables.length === 0 ? typed : { ...typed, ...Object.fromEntries(tables.map(({ name }) => [name, rowsIn(typed[name]).filter((row) => !isBlankRow(row))])) };
}

/** The field as it reads once it is left: 368 → 36,8 and 120 80 → 120/80; what cannot be read stays. */
export function tidy(field: FormField, typed: Typed | undefined, now: number): Typed | undefined {
  if (field.kind === "line" || field.kind === "text" || field.kind === "table") return typed;
  const read = readCell(field, typed, now);
  return read.value === undefined ? typed : typedOf(field, read.value);
}

export const same = (a: Typed | undefined, b: Typed | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
