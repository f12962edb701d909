// The server's time in the browser. Ages and due times are counted on it, because ward PCs' clocks are often wrong.
import { useCallback, useSyncExternalStore } from "react";

let offset = 0;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

export function setServerNow(iso: string): void {
  const server = Date.parse(iso);
  if (!Number.isNaN(server)) offset = server - Date.now();
}
export const now = (): number => Date.now() + offset;
export const nowIso = (): string => new Date(now()).toISOString();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((call) => call()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** A value that depends on the time. The component renders again only when the value changes, not each second. */
export function useAtTime<T extends string | number | boolean | null>(derive: (now: number) => T): T {
  const snapshot = useCallback(() => derive(now()), [derive]);
  return useSyncExternalStore(subscribe, snapshot);
}
