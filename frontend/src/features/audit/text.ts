import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/audit";

export const useText = dictionary(vi);

type Key = keyof typeof vi;
const has = (key: string): key is Key => key in vi;
/** The word for an act or for what it was done to; a newer program's stays as it is written. */
export const wordOf = (t: ReturnType<typeof useText>, group: "act" | "kind", name: string): string => {
  const key = `${group}-${name}`;
  return has(key) ? t(key) : name;
};
export const ACTS = Object.keys(vi).flatMap((key) => (key.startsWith("act-") ? [key.slice("act-".length)] : []));
