// Choices that belong to this browser, not to a person: theme, language, the ward last shown. Never patient data.
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark";
export type Language = "vi" | "en";
interface Prefs { theme: Theme; language: Language; ward: string | null }

const STORE = "benhan.prefs";
const listeners = new Set<() => void>();

function load(): Prefs {
  const dark = globalThis.matchMedia?.("(prefers-color-scheme: dark)").matches ?? false;
  const standard: Prefs = { theme: dark ? "dark" : "light", language: "vi", ward: null };
  try {
    return { ...standard, ...(JSON.parse(localStorage.getItem(STORE) ?? "{}") as Partial<Prefs>) };
  } catch {
    return standard;
  }
}
let prefs = load();

function apply(): void {
  document.documentElement.dataset["theme"] = prefs.theme;
  document.documentElement.lang = prefs.language;
}

export function setPrefs(change: Partial<Prefs>): void {
  prefs = { ...prefs, ...change };
  localStorage.setItem(STORE, JSON.stringify(prefs));
  apply();
  listeners.forEach((call) => call());
}
export function usePrefs(): Prefs {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => prefs,
  );
}
export const startPrefs = apply;
