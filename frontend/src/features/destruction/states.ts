// How a state looks: told by its words, never by colour alone.
import type { DestructionItem, DestructionList } from "@/api";

export const STATE: Record<DestructionList["state"], string> = { proposed: "tag warn", approved: "tag new", begun: "tag late", done: "tag good", cancelled: "tag" };
export const FATE: Record<DestructionItem["state"], string> = { listed: "tag", kept: "tag warn", destroying: "tag late", destroyed: "tag good" };
