// What the board counts and filters. Pure.
import type { BoardBed, LiveValue, Occupant } from "@/api/types";

export type Filter = "all" | "overdue" | "score5" | "newResults" | "unsigned";
export const FILTERS: readonly Filter[] = ["all", "overdue", "score5", "newResults", "unsigned"];

export const overdue = (occupant: Occupant, now: number) => occupant.vitalsDueAt !== null && Date.parse(occupant.vitalsDueAt) < now;
const PASSES: Record<Filter, (occupant: Occupant, now: number) => boolean> = {
  all: () => true,
  overdue,
  // A single 3 asks for the same urgent review as a sum of 5.
  score5: ({ news2 }) => news2?.band === "urgent" || news2?.band === "emergency",
  newResults: (occupant) => occupant.newResults > 0 || occupant.critical !== null,
  unsigned: (occupant) => occupant.unsigned > 0,
};
export const passes = (filter: Filter, occupant: Occupant, now: number) => PASSES[filter](occupant, now);

export function counts(beds: readonly BoardBed[], now: number): Record<Filter, number> {
  const people = beds.flatMap((bed) => bed.occupants);
  const count = (filter: Filter) => people.filter((one) => passes(filter, one, now)).length;
  return { all: people.length, overdue: count("overdue"), score5: count("score5"), newResults: count("newResults"), unsigned: count("unsigned") };
}

export const STALE_MS = 10_000;
export const LOST_MS = 60_000;
export type Freshness = "fresh" | "stale" | "lost";
export function freshness(at: string, now: number): Freshness {
  const age = now - Date.parse(at);
  return age > LOST_MS ? "lost" : age > STALE_MS ? "stale" : "fresh";
}

/** The monitor's value where it has one, else the last accepted; with the instant that dates it. */
export interface Shown { value: number; at: string | null; live: boolean }
export function shown(occupant: Occupant, code: "pulse" | "spo2" | "sbp" | "dbp"): Shown | null {
  const live: LiveValue | undefined = occupant.live.find((value) => value.code === code);
  const last = occupant.lastVitals[code];
  if (live) return { value: live.value, at: live.at, live: true };
  return last === undefined || last === null ? null : { value: last, at: occupant.vitalsAt, live: false };
}
/** The newest instant at which the bed's monitor was heard, or null when none is on the bed. */
export function lastHeard(occupant: Occupant): string | null {
  // A cuff measures every few minutes, so its age says nothing about the link.
  const continuous = occupant.live.filter(({ code }) => code !== "sbp" && code !== "dbp" && code !== "map");
  return continuous.reduce<string | null>((newest, { at }) => (newest === null || at > newest ? at : newest), null);
}

/** Where the arrow keys lead in a grid of `columns`. */
export function neighbour(index: number, key: string, columns: number, length: number): number | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  if (step === undefined) return null;
  const next = index + step;
  return next >= 0 && next < length ? next : null;
}
