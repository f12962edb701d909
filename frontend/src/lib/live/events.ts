// The server's event stream as data, and what each event does to the cached screens. Pure: no sockets here.
import type { LiveCode, LiveValue, Occupant, WardBoard } from "@/api/types";

export interface LiveTick { values: { encounterId: string; code: LiveCode; value: number; at: string }[] }
export type ChartPart = "vitals" | "notes" | "results" | "studies" | "documents" | "orders" | "forms" | "record";
export type EndReason = "revoked" | "expired" | "locked";
export type ServerEvent =
  | { name: "live"; data: LiveTick }
  | { name: "occupant"; data: Occupant }
  | { name: "board"; data: unknown }
  | { name: "chart"; data: { encounterId: string; what: ChartPart } }
  | { name: "waiting"; data: { inbox: number; studies: number } }
  | { name: "ended"; data: { reason: EndReason } };
export const EVENT_NAMES = ["live", "occupant", "board", "chart", "waiting", "ended"] as const satisfies readonly ServerEvent["name"][];

function mapOccupants(board: WardBoard, change: (occupant: Occupant) => Occupant): WardBoard {
  let touched = false;
  const beds = board.beds.map((bed) => {
    const occupants = bed.occupants.map(change);
    if (occupants.every((occupant, i) => occupant === bed.occupants[i])) return bed;
    touched = true;
    return { ...bed, occupants };
  });
  return touched ? { ...board, beds } : board;
}

/** Newer monitor values onto their cards. A card without news keeps its identity, so it is not drawn again. */
export function withLive(board: WardBoard, tick: LiveTick): WardBoard {
  const news = new Map<string, LiveValue[]>();
  for (const { encounterId, code, value, at } of tick.values) {
    const list = news.get(encounterId) ?? [];
    list.push({ code, value, at });
    news.set(encounterId, list);
  }
  return mapOccupants(board, (occupant) => {
    const fresh = news.get(occupant.encounterId)?.filter((value) => {
      const known = occupant.live.find((old) => old.code === value.code);
      return !known || Date.parse(value.at) >= Date.parse(known.at);
    });
    if (!fresh || fresh.length === 0) return occupant;
    const kept = occupant.live.filter((old) => !fresh.some((value) => value.code === old.code));
    return { ...occupant, live: [...kept, ...fresh] };
  });
}

/** A patient's card as the server now sees it; monitor values that are newer here stay. */
export function withOccupant(board: WardBoard, next: Occupant): WardBoard {
  return mapOccupants(board, (occupant) => {
    if (occupant.encounterId !== next.encounterId) return occupant;
    return { ...next, live: next.live.length > 0 ? next.live : occupant.live };
  });
}

export function hasOccupant(board: WardBoard, encounterId: string): boolean {
  return board.beds.some((bed) => bed.occupants.some((occupant) => occupant.encounterId === encounterId));
}

export function parseEvent(name: string, data: string): ServerEvent | null {
  if (!EVENT_NAMES.includes(name as ServerEvent["name"])) return null;
  try {
    return { name, data: JSON.parse(data) as unknown } as ServerEvent;
  } catch {
    return null;
  }
}
