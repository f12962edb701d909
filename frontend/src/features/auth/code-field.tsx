// Six digits from the phone, sent with the sixth, or a recovery code. A pasted code may have spaces in it.
import type { Ref } from "react";

interface Props {
  ref?: Ref<HTMLInputElement>;
  label: string; code: string; describedBy: string;
  /** Letters too, and no end by itself. */
  recovery?: boolean;
  onType: (code: string) => void; onSix?: (code: string) => void;
}
export function CodeField({ ref, label, code, describedBy, recovery = false, onType, onSix }: Props) {
  function type(text: string) {
    if (recovery) return onType(text.slice(0, 16));
    const digits = text.replace(/\D/g, "").slice(0, 6);
    onType(digits);
    if (digits.length === 6) onSix?.(digits);
  }
  return (
    <label className="field">
      <span>{label}</span>
      <input ref={ref} className={recovery ? "code" : "pin"} name="code" type="text" inputMode={recovery ? "text" : "numeric"} autoComplete="one-time-code" autoCapitalize="characters" spellCheck={false} value={code} onChange={(event) => type(event.target.value)} aria-describedby={describedBy} />
    </label>
  );
}
