// The record as a list of sheets: where each stands, in which order, and what the person in front of it owes it.
import type { DocumentRef, FormEntry, FormRef } from "@/api/types";
import { fold } from "@/lib/fold";

export type Group = "record" | "sheet" | "leaves" | "drawn";
export const GROUPS: readonly Group[] = ["record", "sheet", "leaves", "drawn"];
export type Leaf = { id: string; group: Group; title: string; at: string } & ({ entry: FormEntry; document?: never } | { document: DocumentRef; entry?: never });

const groupOf = (form: Pick<FormRef, "kind" | "leaves">): Group => (form.kind === "record" ? "record" : form.leaves ? "leaves" : "sheet");
/** The tree: groups in the order of the paper record, in each the newest first and what was withdrawn last. */
export function leavesOf(entries: readonly FormEntry[], documents: readonly DocumentRef[]): Map<Group, Leaf[]> {
  const filled = new Set(entries.map((one) => one.id));
  const all: Leaf[] = [
    ...entries.map((entry): Leaf => ({ id: entry.id, group: groupOf(entry), title: entry.title, at: entry.effectiveAt, entry })),
    ...documents.filter((one) => !filled.has(one.id)).map((document): Leaf => ({ id: document.id, group: "drawn", title: document.title, at: document.createdAt, document })),
  ];
  const gone = (leaf: Leaf) => (leaf.entry?.state === "withdrawn" ? 1 : 0);
  all.sort((a, b) => gone(a) - gone(b) || b.at.localeCompare(a.at));
  return new Map(GROUPS.map((group) => [group, all.filter((leaf) => leaf.group === group)] as const).filter(([, leaves]) => leaves.length > 0));
}

/** The slot that waits for this person now, if any. */
export const mySlot = (entry: FormEntry) => entry.slots.find((slot) => slot.maySign && !slot.signature && entry.state !== "withdrawn");
export const isSigned = (entry: FormEntry) => entry.slots.some((slot) => slot.signature !== null);

export type Why = "notReady" | "notMine" | null;
export const whyNot = (form: FormRef): Why => (!form.ready ? "notReady" : form.mayFill ? null : "notMine");

const usable = (form: FormRef) => (whyNot(form) === null ? 0 : form.ready ? 1 : 2);

/** Forms that somebody fills, by what was typed: every word in title, number or code, without accents. Records first, in each group what this person can open first. */
export function choiceOf(refs: readonly FormRef[], text: string): { group: Group; forms: FormRef[] }[] {
  const wanted = fold(text.trim()).split(/\s+/).filter(Boolean);
  const hits = refs.filter((form) => (form.kind === "record" || form.kind === "sheet") && wanted.every((word) => fold(`${form.title} ${form.number} ${form.code}`).includes(word)));
  const order = new Intl.Collator("vi", { numeric: true });
  hits.sort((a, b) => usable(a) - usable(b) || order.compare(a.number || "~", b.number || "~") || order.compare(a.title, b.title));
  return GROUPS.map((group) => ({ group, forms: hits.filter((form) => groupOf(form) === group) })).filter(({ forms }) => forms.length > 0);
}
