// The period shown, its columns, and where a value lies on the curve. Pure; drawn by curve.tsx and columns.tsx.
import type { VitalSet } from "@/api";
import { numberOf } from "@/lib/vitals";
import { clockTime, dayMonth, startOfDay } from "@/lib/time";

export type Period = "hours24" | "days7" | "stay";
export interface Column { from: number; to: number; label: string; halves: boolean }
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_COLUMNS = 14;

export function columnsOf(period: Period, now: number, admittedAt: number): Column[] {
  if (period === "hours24") {
    const step = 4 * HOUR;
    // Columns end on a whole 4-hour mark, so that times read like those on paper.
    const end = startOfDay(now) + Math.ceil((now - startOfDay(now) + 1) / step) * step;
    return Array.from({ length: 6 }, (_, i) => {
      const from = end - (6 - i) * step;
      return { from, to: from + step, label: clockTime(from), halves: false };
    });
  }
  const today = startOfDay(now);
  const days = period === "days7" ? 7 : Math.max(1, Math.round((today - startOfDay(admittedAt)) / DAY) + 1);
  const per = Math.ceil(days / MOST_COLUMNS);
  const count = Math.ceil(days / per);
  return Array.from({ length: count }, (_, i) => {
    const from = today + DAY - (count - i) * per * DAY;
    return { from, to: from + per * DAY, label: dayMonth(from), halves: per === 1 && count <= 7 };
  });
}

export const charted = (set: VitalSet) => set.status === "final" || set.status === "amended";
export const visible = (set: VitalSet) => charted(set) || set.status === "preliminary";

export function within(sets: readonly VitalSet[], { from, to }: { from: number; to: number }): VitalSet[] {
  return sets.filter((set) => Date.parse(set.effectiveAt) >= from && Date.parse(set.effectiveAt) < to);
}
/** The column's set: the newest charted one, or a device's that waits when there is no other. */
export function newest(sets: readonly VitalSet[]): VitalSet | null {
  return sets.filter(charted).at(-1) ?? sets.filter(visible).at(-1) ?? null;
}

// Paper's scale: one degree is 20 beats, 35–41 °C beside 40–160/min; stretched by whole steps for what lies outside.
export interface Scale { tempLow: number; steps: number }
export function scaleOf(sets: readonly VitalSet[]): Scale {
  let low = 0;
  let high = 6;
  for (const set of sets) {
    const pulse = numberOf(set, "pulse");
    const temp = numberOf(set, "temp");
    for (const at of [pulse === null ? null : (pulse - 40) / 20, temp === null ? null : temp - 35]) {
      if (at === null) continue;
      low = Math.min(low, Math.floor(at));
      high = Math.max(high, Math.ceil(at));
    }
  }
  return { tempLow: 35 + low, steps: high - low };
}
export const pulseAt = (scale: Scale, step: number) => 40 + (scale.tempLow - 35 + step) * 20;
/** 0 at the bottom line, 1 at the top. */
export const heightOfTemp = (scale: Scale, temp: number) => (temp - scale.tempLow) / scale.steps;
export const heightOfPulse = (scale: Scale, pulse: number) => heightOfTemp(scale, (pulse - 40) / 20 + 35);
export function givenName(name: string): string {
  return name.trim().split(/\s+/).at(-1) ?? name;
}
