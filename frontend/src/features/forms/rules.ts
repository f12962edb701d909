// What is still missing, and what the program works out: the same rules as the server's, as a preview while typing.
import type { Calculation, FormDefinition, FormField, FormRow, FormValues } from "@/api/form-definition";
import type { Needed } from "@/api/types";
import { dayKey } from "@/lib/time";
import { fieldsOf } from "./typed";

const RANK: Record<Needed, number> = { never: 0, close: 1, sign: 2 };
export interface Gap { place: string; field: FormField; /** Of a table. */ row?: number; column?: FormField; needed: Needed }

/** Places that wait for something before `moment`; what a signature needs, the closing of the record needs as well. */
export function gaps(form: FormDefinition, values: FormValues, moment: "close" | "sign"): Gap[] {
  const needs = ({ needed }: FormField) => RANK[needed] >= RANK[moment];
  return fieldsOf(form).flatMap((field): Gap[] => {
    const value = values[field.name];
    if (value === undefined) return needs(field) ? [{ place: field.name, field, needed: field.needed }] : [];
    if (field.kind !== "table" || !Array.isArray(value)) return [];
    return value.flatMap((row, at) => {
      if (typeof row === "string" || Object.keys(row).length === 0) return [];
      const empty = (field.columns ?? []).filter((column) => needs(column) && row[column.name] === undefined);
      return empty.map((column) => ({ place: `${field.name}/${at}/${column.name}`, field, row: at, column, needed: column.needed }));
    });
  });
}

const number = (values: FormValues, name: string): number | null => (typeof values[name] === "number" ? values[name] : null);
const total = (numbers: readonly number[]): number | null => (numbers.length === 0 ? null : numbers.reduce((sum, one) => sum + one, 0));
/** The day in Vietnam of a date or an instant, counted from 1970. */
function day(value: unknown): number | null {
  if (typeof value !== "string") return null;
  const date = /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : dayKey(value);
  return Date.parse(date) / 86_400_000;
}

function answer(rule: Calculation, values: FormValues): number | null {
  if ("sum" in rule) return total(rule.sum.flatMap((name) => number(values, name) ?? []));
  if ("column-sum" in rule) {
    const { table, column } = rule["column-sum"];
    const rows = values[table];
    if (!Array.isArray(rows)) return null;
    return total(rows.flatMap((row) => (typeof row === "object" && typeof row[column] === "number" ? row[column] : [])));
  }
  if ("difference" in rule) {
    const [of, less] = [number(values, rule.difference.of), number(values, rule.difference.less)];
    return of === null || less === null ? null : of - less;
  }
  if ("body-mass-index" in rule) {
    const { weight, height } = rule["body-mass-index"];
    const [kilograms, centimetres] = [number(values, weight), number(values, height)];
    return kilograms === null || centimetres === null || centimetres <= 0 ? null : kilograms / (centimetres / 100) ** 2;
  }
  const [from, to] = [day(values[rule.days.from]), day(values[rule.days.to])];
  return from === null || to === null || to < from ? null : to - from + 1;
}

/** The answer of a calculated field, rounded as on record; null while something is missing. */
export function calculated(field: FormField, values: FormValues): number | null {
  const found = field.calculation ? answer(field.calculation, values) : null;
  if (found === null) return null;
  const scale = 10 ** Math.min(field.decimals ?? 0, 6);
  return Math.round(found * scale) / scale;
}
const filled = <V extends FormValues>(fields: readonly FormField[], values: V): V => {
  const answers = fields.flatMap((field) => {
    const found = calculated(field, values);
    return found === null ? [] : [[field.name, found] as const];
  });
  return { ...values, ...Object.fromEntries(answers) };
};
/** Rows before fields: the sum of a column reads what was worked out in its rows. */
export const withCalculated = (form: FormDefinition, values: FormValues): FormValues => {
  const tables = fieldsOf(form).flatMap(({ kind, name, columns = [] }) => {
    const rows = values[name];
    return kind === "table" && Array.isArray(rows) ? [[name, rows.map((row) => (typeof row === "string" ? row : filled<FormRow>(columns, row))) as FormRow[]] as const] : [];
  });
  return filled(fieldsOf(form), { ...values, ...Object.fromEntries(tables) });
};
