// Texts by section: src/i18n/vi/<section>.ts is the source of truth, en/<section>.ts satisfies its keys where English is
// promised (common, login, shell, board, chart). A section travels with the chunk that uses it.
import { usePrefs } from "@/lib/prefs";

export type Section = Readonly<Record<string, string>>;
export type English<V extends Section> = { readonly [K in keyof V]: string };
export type Values = Readonly<Record<string, string | number>>;
export type Translate<V extends Section> = (key: keyof V, values?: Values) => string;

export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A hook that answers the section's texts in the language of this browser, Vietnamese where English is not promised. */
export function dictionary<V extends Section>(vi: V, en?: English<V>): () => Translate<V> {
  const inVietnamese: Translate<V> = (key, values) => fill(vi[key] ?? String(key), values);
  const inEnglish: Translate<V> = en ? (key, values) => fill(en[key], values) : inVietnamese;
  return () => (usePrefs().language === "en" ? inEnglish : inVietnamese);
}
