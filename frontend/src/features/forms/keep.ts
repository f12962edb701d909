// Words of a sheet that are not saved yet: kept in this tab, by person, sheet and version, until saved or logged out.
import type { Drafts } from "@/lib/drafts";
import type { TypedForm } from "./typed";

/** `typed` holds the fields that differ from the version, no more. */
export interface Kept { typed: TypedForm; effective: string; reason: string | null; at: number }
const nameOf = (id: string, version: number) => `form.${id}.${version}`;

export const keepWords = (drafts: Drafts, id: string, version: number, kept: Kept) => drafts.write(nameOf(id, version), kept);
export const dropWords = (drafts: Drafts, id: string) => drafts.names(`form.${id}.`).forEach((name) => drafts.drop(name));
export const holdsWords = (drafts: Drafts, id: string): boolean => drafts.names(`form.${id}.`).length > 0;

/** What waits for this sheet, and the version it was typed over. */
export function keptWords(drafts: Drafts, id: string): { version: number; kept: Kept } | null {
  const versions = drafts.names(`form.${id}.`).map((name) => Number(name.slice(name.lastIndexOf(".") + 1))).sort((a, b) => b - a);
  const [version] = versions;
  const kept = version === undefined ? null : drafts.read<Kept>(nameOf(id, version));
  return version !== undefined && kept ? { version, kept } : null;
}
