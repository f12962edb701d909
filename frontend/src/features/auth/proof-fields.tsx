// The two fields of a proof, and how a form that needs one runs: once at a time, and said in words when it fails.
import { useRef, useState } from "react";
import { KeyError } from "@/lib/security-key";
import { CodeField } from "./code-field";
import { useKeyText, useText } from "./text";

/** Runs one thing at a time; `error` is for the person. */
export function useOnce(failed?: () => void) {
  const k = useKeyText();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  async function once(work: () => Promise<unknown>) {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (refused) {
      setError(refused instanceof KeyError ? new Error(k(refused.trouble)) : refused);
      failed?.();
    } finally {
      running.current = false;
      setBusy(false);
    }
  }
  return { error, setError, busy, once };
}

interface Props {
  /** There is a second factor, which is asked for too; with keys it may be one of them. */
  factor: boolean; keys: boolean;
  password: string; code: string; describedBy: string;
  onPassword: (password: string) => void; onCode: (code: string) => void;
}
export function ProofFields({ factor, keys, password, code, describedBy, onPassword, onCode }: Props) {
  const t = useText();
  const k = useKeyText();
  return (
    <>
      <label className="field">
        <span>{t("password")}</span>
        <input name="password" type="password" autoComplete="current-password" value={password} onChange={(event) => onPassword(event.target.value)} aria-describedby={describedBy} />
      </label>
      {factor && <CodeField label={keys ? k("codeOrKey") : t("factorCurrent")} recovery code={code} describedBy={describedBy} onType={onCode} />}
    </>
  );
}
