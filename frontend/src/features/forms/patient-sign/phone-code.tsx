// The other way to agree: a code goes to the phone of whoever signs, and they read it from there.
import { useState } from "react";
import { send, type CodeSent } from "@/api";
import { clockTime } from "@/lib/time";
import { Refusal } from "@/ui/status";
import { useText } from "./text";
import type { Representative } from "./who";

export interface Code { id: string; digits: string }
interface Props { sheet: { id: string; version: number; slot: string }; by: Representative | null; code: Code | null; change: (code: Code | null) => void }

export function PhoneCode({ sheet, by, code, change }: Props) {
  const t = useText();
  const [number, setNumber] = useState("");
  const [sent, setSent] = useState<CodeSent | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const now = await send<CodeSent>("POST", `/filled-forms/${sheet.id}/patient-code`, { version: sheet.version, slot: sheet.slot, representative: by, phone: number });
      setSent(now);
      change({ id: now.id, digits: "" });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="phonecode">
      <label className="field">
        <span>{t("phone")}</span>
        <input className="box" name="phone" type="tel" inputMode="tel" autoComplete="off" maxLength={20} value={number} onChange={(event) => setNumber(event.target.value)} />
      </label>
      <button type="button" className="btn" aria-disabled={busy} onClick={() => void ask()}>{t(sent ? "sendAgain" : "sendCode")}</button>
      {sent && code && (
        <label className="field phonedigits">
          <span>{t("codeSent", { phone: sent.phone, until: clockTime(sent.until) })}</span>
          <input className="box pin" name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code.digits} onChange={(event) => change({ ...code, digits: event.target.value.replace(/\D/g, "").slice(0, 6) })} />
        </label>
      )}
      {error !== null && <Refusal error={error} />}
    </div>
  );
}
