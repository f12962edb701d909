// What a nurse may type into a cell, and what it means. Pure; the grid only shows the answers.
import type { Range, VitalCode, VitalInput, VitalSet } from "@/api/types";
import { parseFigure } from "./number";
import { ACVPU, judge, NOT_MEASURED, valueOf, written, writtenPressure } from "./vitals";

export type Column = "pulse" | "temp" | "bp" | "resp" | "spo2" | "oxygen" | "acvpu" | "pain" | "weight" | "urine";
/** Paper order. Weight and urine stay hidden until asked for. */
export const COLUMNS: readonly Column[] = ["pulse", "temp", "bp", "resp", "spo2", "oxygen", "acvpu", "pain"];
export const MORE_COLUMNS: readonly Column[] = ["weight", "urine"];
export const codesOf = (column: Column): readonly VitalCode[] => (column === "bp" ? ["sbp", "dbp"] : [column]);

export type Refused = "format" | "hard" | "pressure-order";
export type Reading =
  | { kind: "empty" }
  | { kind: "ok"; values: VitalInput[]; soft: VitalCode[] }
  /** Systolic typed, diastolic still to come. */
  | { kind: "half"; values: VitalInput[]; soft: VitalCode[] }
  | { kind: "refused"; why: Refused; code: VitalCode };

type Ranges = ReadonlyMap<VitalCode, Range>;

function judged(values: VitalInput[], ranges: Ranges, kind: "ok" | "half" = "ok"): Reading {
  const soft: VitalCode[] = [];
  for (const { code, value } of values) {
    if (value === undefined) continue;
    const judgement = judge(value, ranges.get(code));
    if (judgement === "hard") return { kind: "refused", why: "hard", code };
    if (judgement === "soft") soft.push(code);
  }
  return { kind, values, soft };
}

/** 368 and 36,8 and 36.8 are one temperature; 37 is 37,0. */
function temperature(text: string): number | null {
  if (/^\d{3}$/.test(text)) return Number(text) / 10;
  return parseFigure(text);
}

function pressure(text: string, ranges: Ranges): Reading {
  const match = /^(\d{2,3})(?:[/\-. ]+(\d{0,3}))?$/.exec(text);
  if (!match) return { kind: "refused", why: "format", code: "sbp" };
  const sbp = Number(match[1]);
  if (!match[2]) return judged([{ code: "sbp", value: sbp }], ranges, "half");
  const dbp = Number(match[2]);
  if (dbp >= sbp) return { kind: "refused", why: "pressure-order", code: "dbp" };
  return judged([{ code: "sbp", value: sbp }, { code: "dbp", value: dbp }], ranges);
}

function oxygen(text: string): Reading {
  if (/^(0|k|kt|khí trời|air)$/.test(text)) return { kind: "ok", values: [{ code: "oxygen", value: 0 }], soft: [] };
  const flow = /^(?:o|oxy)? ?(\d{1,2}(?:[.,]\d)?)?(?: ?l(?:\/ph)?)?$/.exec(text);
  if (!flow || text === "") return { kind: "refused", why: "format", code: "oxygen" };
  const litres = flow[1] === undefined ? null : parseFigure(flow[1]);
  if (litres !== null && litres > 60) return { kind: "refused", why: "hard", code: "oxygen" };
  return { kind: "ok", values: [{ code: "oxygen", value: 1, ...(flow[1] && { text: `oxy ${flow[1].replace(".", ",")} l/ph` }) }], soft: [] };
}

export function read(column: Column, typed: string, ranges: Ranges): Reading {
  const text = typed.trim().toLowerCase().normalize("NFC");
  if (text === "") return { kind: "empty" };
  const skipped = NOT_MEASURED[text];
  // V is «voice» in the ACVPU column, so only T and N mean «not measured» there.
  if (skipped && !(column === "acvpu" && text === "v")) {
    return { kind: "ok", values: codesOf(column).map((code) => ({ code, notMeasured: skipped })), soft: [] };
  }
  if (column === "bp") return pressure(text, ranges);
  if (column === "oxygen") return oxygen(text);
  if (column === "acvpu") {
    const letter = ACVPU.find((one) => one.toLowerCase() === text);
    return letter ? { kind: "ok", values: [{ code: "acvpu", text: letter }], soft: [] } : { kind: "refused", why: "format", code: "acvpu" };
  }
  const value = column === "temp" ? temperature(text) : parseFigure(text);
  if (value === null) return { kind: "refused", why: "format", code: column };
  return judged([{ code: column, value }], ranges);
}

/** The cell's text for a set: what is shown, and what typing over it starts from. */
export function textOf(column: Column, set: Pick<VitalSet, "values"> | null, words: { air: string; onOxygen: string }): string {
  return column === "bp" ? writtenPressure(set) : written(valueOf(set, column), words);
}

/** Tidies what was typed once the cell is left: 368 → 36,8 and 120 80 → 120/80. */
export function tidy(column: Column, reading: Reading, words: { air: string; onOxygen: string }, typed: string): string {
  if (reading.kind === "empty" || reading.kind === "refused") return typed;
  const [first, second] = reading.values;
  if (!first) return typed;
  if (column === "bp" && !first.notMeasured) return `${first.value ?? ""}/${second?.value ?? ""}`;
  return written(first, words);
}
