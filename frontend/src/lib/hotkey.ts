// Function keys and "/" for the whole page. Letters are never shortcuts: they belong to the text being typed.
import { useEffect, useRef } from "react";

const typing = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
const inDialog = () => document.querySelector("[role=dialog],[role=alertdialog]") !== null;

/** Calls `act` on `key`. A key that types a character is ignored in a text field; all are ignored behind a dialog. */
export function useHotkey(key: string, act: (event: KeyboardEvent) => void, enabled = true): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (!enabled) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key !== key || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
      if ((key.length === 1 && typing(event.target)) || inDialog()) return;
      event.preventDefault();
      latest.current(event);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [key, enabled]);
}
/** Enter that ends a Telex composition is not Enter of the form. */
export const composing = (event: { nativeEvent: KeyboardEvent }) => event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
