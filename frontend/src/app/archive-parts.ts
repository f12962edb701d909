// The parts of «Lưu trữ», for everybody who has the screen.
export const PARTS = ["waiting", "kept", "due", "lists", "gone"] as const;
export type ArchivePart = (typeof PARTS)[number];

/** The part at an address; the first where it names none. */
export function archivePart(asked: string | undefined): ArchivePart {
  return PARTS.find((part) => part === asked) ?? PARTS[0];
}
