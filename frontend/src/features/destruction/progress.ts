// How far a list is, read from its records.
import type { DestructionItem, DestructionList } from "@/api";

export interface Progress {
  done: number; all: number; kept: number;
  /** What it waits for, each sentence once. */
  waits: readonly string[];
}
export function progressOf(records: readonly Pick<DestructionItem, "state" | "note">[]): Progress {
  const of = (state: DestructionItem["state"]) => records.filter((record) => record.state === state);
  const kept = of("kept").length;
  const waits = new Set(of("destroying").map((record) => record.note).filter((note) => note !== ""));
  return { done: of("destroyed").length + kept, all: records.length, kept, waits: [...waits] };
}

type Standing = Pick<DestructionList, "state" | "mayApprove" | "mayBegin">;
/** The word for what comes next, and for whom. */
export function nextOf({ state, mayApprove, mayBegin }: Standing) {
  switch (state) {
    case "proposed": return mayApprove ? "nextApprove" : "nextOther";
    case "approved": return mayBegin ? "nextBegin" : "nextRoom";
    case "begun": return "nextBegun";
    case "done": return "nextDone";
    case "cancelled": return "nextCancelled";
  }
}
