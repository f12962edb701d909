// What was typed and not yet sent, kept per user on this browser through a lock, a crash or a dead network.
// Holds encounter ids and values, never names. Cleared entry by entry once the server has it.
export interface Drafts {
  read<T>(name: string): T | null;
  write(name: string, value: unknown): void;
  drop(name: string): void;
  names(prefix: string): string[];
}

const ROOT = "benhan.draft";
// A draft that nobody came back to within three days is no longer a clinical fact worth offering.
const KEEP_MS = 3 * 86_400_000;
interface Kept { at: number; value: unknown }

export function draftsOf(userId: string, storage: Storage = localStorage, clock: () => number = Date.now): Drafts {
  const full = (name: string) => `${ROOT}.${userId}.${name}`;
  const kept = (key: string): Kept | null => {
    try {
      const found = JSON.parse(storage.getItem(key) ?? "null") as Kept | null;
      return found && clock() - found.at < KEEP_MS ? found : null;
    } catch {
      return null;
    }
  };
  return {
    read: <T>(name: string) => (kept(full(name))?.value as T | undefined) ?? null,
    write: (name, value) => storage.setItem(full(name), JSON.stringify({ at: clock(), value } satisfies Kept)),
    drop: (name) => storage.removeItem(full(name)),
    names: (prefix) => {
      const start = full(prefix);
      const all = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
      return all.filter((key) => key.startsWith(start) && kept(key)).map((key) => key.slice(full("").length));
    },
  };
}

const draftKeys = (storage: Storage) => Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "").filter((key) => key.startsWith(`${ROOT}.`));
export const countDrafts = (storage: Storage): number => draftKeys(storage).length;
/** Takes drafts out of a storage: those of everybody, or of everybody but one person. */
export function forgetDrafts(storage: Storage, but?: string): void {
  const kept = but === undefined ? null : `${ROOT}.${but}.`;
  draftKeys(storage).filter((key) => !(kept && key.startsWith(kept))).forEach((key) => storage.removeItem(key));
}
