// Times as the ward reads them: 24-hour, dd/MM, always in the zone of Vietnam whatever the PC is set to.
export const ZONE = "Asia/Ho_Chi_Minh";
// Vietnam has kept +07:00 without summer time since 1975, and no record is older.
const OFFSET = "+07:00";

const parts = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

interface Local { year: string; month: string; day: string; hour: string; minute: string }

function local(at: string | number): Local {
  const found: Record<string, string> = {};
  for (const part of parts.formatToParts(new Date(at))) found[part.type] = part.value;
  return { year: found["year"] ?? "", month: found["month"] ?? "", day: found["day"] ?? "", hour: found["hour"] ?? "", minute: found["minute"] ?? "" };
}

export function clockTime(at: string | number): string {
  const { hour, minute } = local(at);
  return `${hour}:${minute}`;
}
export function dayMonth(at: string | number): string {
  const { day, month } = local(at);
  return `${day}/${month}`;
}
export function dateTime(at: string | number): string {
  return `${clockTime(at)} ${dayMonth(at)}`;
}
export function fullDateTime(at: string | number): string {
  const { day, month, year } = local(at);
  return `${clockTime(at)} ${day}/${month}/${year}`;
}
/** "2026-11-22": the day in Vietnam, to group by. */
export function dayKey(at: string | number): string {
  const { day, month, year } = local(at);
  return `${year}-${month}-${day}`;
}
export function startOfDay(at: number): number {
  return Date.parse(`${dayKey(at)}T00:00:00${OFFSET}`);
}
/** "1970-03-12", or a device's "19700312", → "12/03/1970"; years alone stay as they are. */
export function birthDate(date: string | null | undefined): string {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(date ?? "");
  return match ? `${match[3]}/${match[2]}/${match[1]}` : (date ?? "");
}

/** A typed date, dd/mm/yyyy or 8 digits → "yyyy-mm-dd", or null when there is no such day. */
export function parseDate(text: string): string | null {
  const match = /^(\d{1,2})[/.\- ]?(\d{1,2})[/.\- ]?(\d{4})$/.exec(text.trim());
  if (!match) return null;
  const [day, month, year] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCDate() !== day || date.getUTCMonth() !== month - 1) return null;
  return date.toISOString().slice(0, 10);
}

/** A typed time of day, "8:05", "0805", "8h5" → the latest such instant not after `now`, or null. */
export function parseClock(text: string, now: number): string | null {
  const match = /^(\d{1,2})(?:[:hg.](\d{0,2})|(\d{2}))?$/.exec(text.trim().toLowerCase());
  if (!match) return null;
  const [hour, minute] = [Number(match[1]), Number(match[2] || match[3] || 0)];
  if (hour > 23 || minute > 59) return null;
  const today = startOfDay(now) + (hour * 60 + minute) * 60_000;
  // 23:50 typed at 00:10 was last night.
  const at = today > now + 60_000 ? today - 86_400_000 : today;
  return new Date(at).toISOString();
}

/** A typed "HH:mm dd/MM/yyyy" (date optional, or first) → instant, or null. */
export function parseDateTime(text: string, now: number): string | null {
  const words = text.trim().split(/\s+/);
  const [time = "", date] = words[0]?.includes("/") ? words.reverse() : words;
  if (!date) return parseClock(time, now);
  const iso = parseDate(/^\d{1,2}\/\d{1,2}$/.test(date) ? `${date}/${local(now).year}` : date);
  const match = /^(\d{1,2})[:h](\d{2})$/.exec(time);
  if (!iso || !match || Number(match[1]) > 23 || Number(match[2]) > 59) return null;
  return new Date(`${iso}T${(match[1] ?? "").padStart(2, "0")}:${match[2]}:00${OFFSET}`).toISOString();
}

export interface Span { late: boolean; amount: number; unit: "minute" | "hour" | "day" }
/** How far a due time is: whole minutes up to 99, then hours, then days. */
export function untilDue(dueAt: string, now: number): Span {
  const minutes = Math.floor((Date.parse(dueAt) - now) / 60_000);
  const late = minutes < 0;
  const away = Math.abs(minutes);
  if (away < 100) return { late, amount: away, unit: "minute" };
  if (away < 48 * 60) return { late, amount: Math.round(away / 60), unit: "hour" };
  return { late, amount: Math.round(away / 1440), unit: "day" };
}
