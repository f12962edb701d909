// The parts of «Lưu trữ», and who has them: as the server's policy has it, which decides anyway.
import type { Role } from "@/api";

const PARTS = ["waiting", "kept", "due", "lists", "gone"] as const;
export type ArchivePart = (typeof PARTS)[number];

/** Who approves sees the lists; the shelves are the record room's and the auditor's. */
export const partsOf = (role: Role): readonly ArchivePart[] => (role === "doctor" ? ["lists"] : PARTS);

/** The part at an address; the first of this person's where it names none of theirs. */
export function archivePart(role: Role, asked: string | undefined): ArchivePart {
  const parts = partsOf(role);
  return parts.find((part) => part === asked) ?? parts[0] ?? "lists";
}
