// Which of the records that are due go on a list. Pure: the server decides anyway.
import { ApiError, type KeptRecord } from "@/api";

/** As many as one list holds. */
export const MOST = 500;

type Line = Pick<KeptRecord, "encounterId" | "mustStay">;
export const mayPick = (record: Line): boolean => record.mustStay === null;

export function toggle(picked: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(picked);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** What the box above the column shows. */
export function allOf(records: readonly Line[], picked: ReadonlySet<string>): "none" | "some" | "all" {
  const open = records.filter(mayPick);
  const on = open.filter((record) => picked.has(record.encounterId)).length;
  return on === 0 ? "none" : on === open.length ? "all" : "some";
}

/** All that may be picked, or none when they all are. */
export function toggleAll(records: readonly Line[], picked: ReadonlySet<string>): ReadonlySet<string> {
  if (allOf(records, picked) === "all") return new Set();
  return new Set(records.filter(mayPick).map((record) => record.encounterId));
}

/** What is still picked of what the page shows now: a hold may have come meanwhile. */
export function stillPicked(records: readonly KeptRecord[], picked: ReadonlySet<string>): KeptRecord[] {
  return records.filter((record) => mayPick(record) && picked.has(record.encounterId));
}

export interface Refused { encounterId: string; number: string; why: string }
/** The records that the server would not list, in the order of the page, each with its sentence. */
export function refusedOf(error: unknown, records: readonly KeptRecord[]): Refused[] {
  if (!(error instanceof ApiError) || error.code !== "must-be-kept") return [];
  const fields = error.problem.fields ?? {};
  return records.flatMap((record) => {
    const why = fields[record.encounterId];
    return why === undefined ? [] : [{ encounterId: record.encounterId, number: record.archiveNumber ?? record.number, why }];
  });
}
