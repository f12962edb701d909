// Whose hours on duty run, and the hours that a form says. Pure.
import type { DutyCover } from "@/api";
import { clockTime, dayKey, fullDateTime, parseDateTime, startOfDay } from "@/lib/time";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MOST_HOURS = 36;
const HANDOVER = 7;
/** Before that hour somebody on duty is in the night that began yesterday. */
const NIGHT_ENDS = 5;

export const isOn = ({ startsAt, endsAt }: DutyCover, now: number) => Date.parse(startsAt) <= now && now < Date.parse(endsAt);

/** Whom the board names: whoever covers the ward now, and how many beside them. */
export function onDuty(covers: readonly DutyCover[], now: number): { name: string; more: number } | null {
  const [first, ...rest] = covers.filter((cover) => isOn(cover, now));
  return first ? { name: first.user.name, more: rest.length } : null;
}

/** From now until the doctors of the ward come back in the morning, as the fields show it. */
export function usualHours(now: number): { from: string; until: string } {
  const days = Number(clockTime(now).slice(0, 2)) < NIGHT_ENDS ? 0 : DAY;
  return { from: fullDateTime(now), until: fullDateTime(startOfDay(now) + days + HANDOVER * HOUR) };
}

/** A typed time; an hour without a day is the first such one from `since` on. */
function instant(text: string, since: number): number | null {
  const parsed = parseDateTime(text, since);
  if (parsed === null) return null;
  const at = Date.parse(parsed);
  return text.includes("/") || at >= since ? at : at + DAY;
}

export type Hours = { startsAt: string; endsAt: string } | "timeWrong" | "backwards" | "tooLong" | "over";

/** What the two fields say, or what is wrong with it. */
export function hoursOf(from: string, until: string, now: number): Hours {
  // The minute that is running is now.
  const start = instant(from, Math.floor(now / 60_000) * 60_000);
  const end = start === null ? null : instant(until, start);
  if (start === null || end === null) return "timeWrong";
  if (end <= start) return "backwards";
  if (end <= now) return "over";
  if (end - start > MOST_HOURS * HOUR) return "tooLong";
  return { startsAt: new Date(start).toISOString(), endsAt: new Date(end).toISOString() };
}

/** «16:30 – 07:00 01/12»: the day once where both ends are on it. */
export function span({ startsAt, endsAt }: Pick<DutyCover, "startsAt" | "endsAt">): string {
  const oneDay = dayKey(startsAt) === dayKey(endsAt);
  return `${oneDay ? clockTime(startsAt) : fullDateTime(startsAt)} – ${fullDateTime(endsAt)}`;
}
