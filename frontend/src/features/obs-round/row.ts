// One row of the round as facts: what its cells show, what leaving it would save. Pure.
import type { News2, Range, RoundRow, VitalCode, VitalInput, VitalSet } from "@/api/types";
import { asInput, numberOf, previewOf, valueOf } from "@/lib/vitals";
import { codesOf, COLUMNS, MORE_COLUMNS, read, textOf, type Column, type Reading } from "@/lib/vital-cell";

export const ALL_COLUMNS: readonly Column[] = [...COLUMNS, ...MORE_COLUMNS];
/** A set saved within this time belongs to the round under way; an older one is the previous round's. */
export const ROUND_MS = 60 * 60_000;

export interface RowDraft {
  cells: Partial<Record<Column, string>>;
  reasons: Partial<Record<VitalCode, string>>;
  begunAt: string;
  /** Sent with the save, so that a retry after a lost answer is not a second set. */
  key: string;
}
export interface Words { air: string; onOxygen: string }
export type Origin = "typed" | "saved" | "device" | "suggested" | "empty";
export interface CellView { text: string; origin: Origin; old: string; reading: Reading }

const recent = (set: VitalSet | null | undefined, now: number): set is VitalSet => !!set && now - Date.parse(set.effectiveAt) < ROUND_MS;

/** My saved and unsigned set of this round: typing into the row corrects it. */
export function currentOf(row: RoundRow, now: number): VitalSet | null {
  return row.unsigned.filter((set) => recent(set, now)).at(-1) ?? null;
}
/** The set of this round that is already signed: typing begins a new one. */
export function signedOf(row: RoundRow, now: number): VitalSet | null {
  return row.previous?.signature && recent(row.previous, now) ? row.previous : null;
}

/** Air and alert are offered where the last picture gives no cause for doubt. They are data only once Enter passes them. */
export function suggestion(row: RoundRow, column: Column, words: Words): string {
  const last = row.previous;
  const worrying = last?.news2.band === "urgent" || last?.news2.band === "emergency" || (valueOf(last, "acvpu")?.text ?? "A") !== "A";
  if (worrying) return "";
  if (column === "oxygen") return (numberOf(last, "oxygen") ?? 0) > 0 ? "" : words.air;
  return column === "acvpu" ? "A" : "";
}

export function viewCell(row: RoundRow, draft: RowDraft | null, column: Column, ranges: ReadonlyMap<VitalCode, Range>, words: Words, now: number): CellView {
  const old = textOf(column, row.previous, words);
  const typed = draft?.cells[column];
  if (typed !== undefined) return { text: typed, origin: typed === "" ? "empty" : "typed", old, reading: read(column, typed, ranges) };
  const from = (text: string, origin: Origin): CellView => ({ text, origin, old, reading: text === "" ? { kind: "empty" } : { kind: "ok", values: [], soft: [] } });
  const saved = currentOf(row, now) ?? (draft ? null : signedOf(row, now));
  if (saved) return from(textOf(column, saved, words), "saved");
  const device = row.proposed ? textOf(column, row.proposed, words) : "";
  if (device) return from(device, "device");
  const offered = suggestion(row, column, words);
  return { text: offered, origin: offered ? "suggested" : "empty", old, reading: { kind: "empty" } };
}

function fromSet(set: VitalSet | null, column: Column): VitalInput[] {
  return codesOf(column).flatMap((code) => {
    const value = valueOf(set, code);
    return value ? [asInput(value)] : [];
  });
}

export type Composed =
  | { kind: "nothing" }
  | { kind: "refused"; column: Column; reading: Extract<Reading, { kind: "refused" }> }
  | { kind: "reason"; code: VitalCode; values: VitalInput[] }
  | { kind: "values"; values: VitalInput[] };

/** The whole set that the row stands for: typed cells over `under` (a saved set being corrected, or a device's). */
export function compose(draft: RowDraft | null, under: VitalSet | null, ranges: ReadonlyMap<VitalCode, Range>): Composed {
  const values: VitalInput[] = [];
  let reasonFor: VitalCode | null = null;
  for (const column of ALL_COLUMNS) {
    const typed = draft?.cells[column];
    if (typed === undefined) {
      values.push(...fromSet(under, column));
      continue;
    }
    const reading = read(column, typed, ranges);
    if (reading.kind === "refused") return { kind: "refused", column, reading };
    if (reading.kind === "empty") continue;
    for (const value of reading.values) {
      const reason = draft?.reasons[value.code]?.trim();
      const soft = reading.soft.includes(value.code);
      if (soft && !reason) reasonFor ??= value.code;
      values.push(soft && reason ? { ...value, outOfRangeReason: reason } : value);
    }
  }
  const kept = under ? under.values.filter(({ code }) => !ALL_COLUMNS.some((column) => codesOf(column).includes(code))).map(asInput) : [];
  values.push(...kept);
  if (values.length === 0) return { kind: "nothing" };
  return reasonFor ? { kind: "reason", code: reasonFor, values } : { kind: "values", values };
}

/** True when everything that the device measured was typed over: then the row is the nurse's own, and needs no F8. */
export function covers(draft: RowDraft, device: VitalSet): boolean {
  return ALL_COLUMNS.every((column) => draft.cells[column]?.trim() || codesOf(column).every((code) => valueOf(device, code) === null));
}

/** The score as it would be if the row were saved now; null while there is nothing to score. */
export function preview(row: RoundRow, draft: RowDraft | null, ranges: ReadonlyMap<VitalCode, Range>, now: number): News2 | null {
  const current = currentOf(row, now);
  if (!draft) return current?.news2 ?? signedOf(row, now)?.news2 ?? (row.proposed ? previewOf(row.proposed.values, row) : null);
  const composed = compose(draft, current ?? row.proposed, ranges);
  return composed.kind === "values" || composed.kind === "reason" ? previewOf(composed.values, row) : null;
}
