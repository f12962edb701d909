// How long somebody may still read. Pure.
import { untilDue } from "@/lib/time";

/** From here on the end is said louder: who comes back tomorrow may come too late. */
const SOON_MINUTES = 24 * 60;
export const minutesLeft = (until: string, now: number): number => Math.floor((Date.parse(until) - now) / 60_000);

export interface Left { state: "open" | "soon" | "over"; amount: number; unit: "minute" | "hour" | "day" }
export function leftOf(minutes: number): Left {
  const { amount, unit } = untilDue(new Date(Math.max(minutes, 0) * 60_000).toISOString(), 0);
  return { state: minutes < 0 ? "over" : minutes < SOON_MINUTES ? "soon" : "open", amount, unit };
}
