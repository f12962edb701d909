// Vital signs as facts of the app: order, decimals, how a set becomes NEWS2 input and readable text. Pure.
import type { NotMeasured, Range, VitalCode, VitalInput, VitalSet, VitalValue } from "@/api/types";
import { news2, type News2Input } from "./news2";
import { figure } from "./number";

export const DECIMALS: Partial<Record<VitalCode, number>> = { temp: 1, weight: 1 };
export const UNITS: Record<VitalCode, string> = { pulse: "l/ph", temp: "°C", sbp: "mmHg", dbp: "mmHg", resp: "l/ph", spo2: "%", oxygen: "", acvpu: "ACVPU", pain: "0–10", weight: "kg", urine: "ml", height: "cm" };
export const ACVPU = ["A", "C", "V", "P", "U"] as const;

export function valueOf(set: Pick<VitalSet, "values"> | null | undefined, code: VitalCode): VitalValue | null {
  return set?.values.find((value) => value.code === code) ?? null;
}
export function numberOf(set: Pick<VitalSet, "values"> | null | undefined, code: VitalCode): number | null {
  return valueOf(set, code)?.value ?? null;
}
export function news2Input(values: readonly (VitalValue | VitalInput)[], who: { ageYears: number; pregnant: boolean }): News2Input {
  const input: News2Input = { ageYears: who.ageYears, pregnant: who.pregnant };
  for (const { code, value, text, notMeasured } of values) {
    if (notMeasured) continue;
    if (code === "oxygen" && typeof value === "number") input.oxygen = value > 0;
    else if (code === "acvpu" && text) input.acvpu = text as "A";
    else if (typeof value === "number" && (code === "resp" || code === "spo2" || code === "sbp" || code === "pulse" || code === "temp")) input[code] = value;
  }
  return input;
}
export const previewOf = (values: readonly (VitalValue | VitalInput)[], who: { ageYears: number; pregnant: boolean }) => news2(news2Input(values, who));

export const NOT_MEASURED: Record<string, NotMeasured> = { t: "refused", n: "asleep", v: "absent" };
export const CODE_OF: Record<NotMeasured, string> = { refused: "T", asleep: "N", absent: "V" };

interface Words { air: string; onOxygen: string }
/** A value as the ward writes it: 36,8 · khí trời · oxy 2 l/ph · A · T. */
export function written(value: VitalValue | VitalInput | null, words: Words): string {
  if (!value) return "";
  if (value.notMeasured) return CODE_OF[value.notMeasured];
  if (value.code === "oxygen") return typeof value.value !== "number" ? "" : value.value > 0 ? (value.text ?? words.onOxygen) : words.air;
  if (value.code === "acvpu") return value.text ?? "";
  return typeof value.value === "number" ? figure(value.value, DECIMALS[value.code] ?? 0) : (value.text ?? "");
}
export function writtenPressure(set: Pick<VitalSet, "values"> | null | undefined): string {
  const sbp = valueOf(set, "sbp");
  const dbp = valueOf(set, "dbp");
  if (!sbp && !dbp) return "";
  if (sbp?.notMeasured) return CODE_OF[sbp.notMeasured];
  const part = (value: VitalValue | null) => (typeof value?.value === "number" ? figure(value.value) : "–");
  return `${part(sbp)}/${part(dbp)}`;
}

export type Judgement = "fine" | "soft" | "hard";
/** Plausible or not, which is no clinical judgement: soft asks for a reason, hard is impossible. */
export function judge(value: number, range: Range | undefined): Judgement {
  if (!range) return "fine";
  if (value < range.hardLow || value > range.hardHigh) return "hard";
  return value < range.softLow || value > range.softHigh ? "soft" : "fine";
}

/** How loudly a value speaks: its own NEWS2 points, with the side it lies on. */
export function loudness(set: Pick<VitalSet, "news2">, code: VitalCode): "cr" | "hi" | "" {
  const points = set.news2.parts.find((part) => part.code === code)?.score ?? 0;
  return points >= 3 ? "cr" : points === 2 && code !== "oxygen" ? "hi" : "";
}
const MIDDLE: Partial<Record<VitalCode, number>> = { pulse: 70, temp: 37, sbp: 150, resp: 16, spo2: 100 };
export function arrow(code: VitalCode, value: number | null): "↑" | "↓" | "" {
  const middle = MIDDLE[code];
  return value === null || middle === undefined ? "" : value > middle ? "↑" : "↓";
}
/** A saved value, to be sent again unchanged in a correction. */
export function asInput({ code, value, text, notMeasured, outOfRangeReason }: VitalValue): VitalInput {
  return { code, ...(value !== null && { value }), ...(text !== null && { text }), ...(notMeasured && { notMeasured }), ...(outOfRangeReason && { outOfRangeReason }) };
}
