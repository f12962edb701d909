// Whom the picker offers. Pure. The order is the server's, which knows who belongs to the patient's ward.
import type { PersonRef, Role } from "@/api";
import { fold } from "@/lib/fold";

const wordsOf = (text: string) => fold(text).split(/\s+/).filter(Boolean);

/** Who is not chosen yet, and in whose name or role a word begins with each word of the text: «ha» is no Phạm. */
export function offered(colleagues: readonly PersonRef[], chosen: readonly PersonRef[], text: string, roleName: (role: Role) => string): PersonRef[] {
  const words = wordsOf(text);
  return colleagues.filter((one) => {
    const known = wordsOf(`${one.name} ${roleName(one.role)}`);
    return !chosen.some(({ id }) => id === one.id) && words.every((word) => known.some((start) => start.startsWith(word)));
  });
}

/** Where the arrow keys lead in a list of `length`, round its ends. */
export function turned(at: number, key: "ArrowDown" | "ArrowUp", length: number): number {
  return length === 0 ? 0 : (at + (key === "ArrowDown" ? 1 : length - 1)) % length;
}
