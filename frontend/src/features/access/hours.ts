// A week of windows in words, and as rows of a form.
import type { AccessWindow, Hours } from "@/api";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const SHORT = ["T2", "T3", "T4", "T5", "T6", "T7", "CN"] as const;

export const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** "7:00", "0700", "24:00" → minutes since midnight, or null. */
export function minutesOf(text: string): number | null {
  const match = /^(\d{1,2})[:h]?(\d{2})?$/.exec(text.trim().toLowerCase());
  if (!match) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2] ?? 0)];
  const minutes = hour * 60 + minute;
  return minute > 59 || minutes > 1440 ? null : minutes;
}

/** "T2–T6 07:00–17:00, CN 07:00–12:00": days in a row with the same hours are told together. */
export function told(hours: Hours): string {
  const spans = new Map<string, number[]>();
  for (const { weekday, from, to } of hours.windows) {
    const span = `${clock(from)}–${clock(to)}`;
    spans.set(span, [...(spans.get(span) ?? []), weekday].sort((a, b) => a - b));
  }
  return [...spans].map(([span, days]) => `${daysTold(days)} ${span}`).join(", ");
}
function daysTold(days: number[]): string {
  const runs: number[][] = [];
  for (const day of days) {
    const last = runs.at(-1);
    if (last && last.at(-1) === day - 1) last.push(day);
    else runs.push([day]);
  }
  const name = (day: number | undefined) => SHORT[(day ?? 1) - 1] ?? "";
  return runs.map((run) => (run.length > 1 ? `${name(run[0])}–${name(run.at(-1))}` : name(run[0]))).join(", ");
}

/** A row of the form: one weekday, or several at once. */
export interface Row { days: string; from: string; to: string }
const GROUPS: Record<string, readonly number[]> = { everyDay: [1, 2, 3, 4, 5, 6, 7], workDays: [1, 2, 3, 4, 5] };
export const CHOICES = ["everyDay", "workDays", ...DAYS] as const;

export const rowsOf = (hours: Hours | null): Row[] =>
  hours ? hours.windows.map(({ weekday, from, to }) => ({ days: DAYS[weekday - 1] ?? "monday", from: clock(from), to: clock(to) })) : [{ days: "workDays", from: "07:00", to: "17:00" }];

/** The windows that the rows say, or null when an hour cannot be read. */
export function windowsOf(rows: Row[]): AccessWindow[] | null {
  const windows: AccessWindow[] = [];
  for (const row of rows) {
    const [from, to] = [minutesOf(row.from), minutesOf(row.to)];
    if (from === null || to === null || from >= 1440) return null;
    const days = GROUPS[row.days] ?? [DAYS.findIndex((day) => day === row.days) + 1];
    for (const weekday of days) windows.push({ weekday, from, to });
  }
  return windows;
}
