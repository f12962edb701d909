// The other way to agree: a code goes to the phone of whoever signs, and they read it from there.
import { useState } from "react";
import { send, type CodeSent } from "@/api";
import { clockTime } from "@/lib/time";
import { Refusal } from "@/ui/status";
import type { Code } from "./code";
import { useText } from "./text";
import type { Representative } from "./who";

interface Props { sheet: { id: string; version: number; slot: string }; by: Representative | null; code: Code; change: (code: Code) => void }

export function PhoneCode({ sheet, by, code, change }: Props) {
  const t = useText();
  const { number, sent } = code;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      const fresh = await send<CodeSent>("POST", `/filled-forms/${sheet.id}/patient-code`, { version: sheet.version, slot: sheet.slot, representative: by, phone: number });
      change({ number, sent: fresh, digits: "" });
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
        <input className="box" name="phone" type="tel" inputMode="tel" autoComplete="off" maxLength={20} value={number} onChange={(event) => change({ ...code, number: event.target.value })} />
      </label>
      <button type="button" className="btn" aria-disabled={busy} onClick={() => void ask()}>{t(sent ? "sendAgain" : "sendCode")}</button>
      {sent && (
        <label className="field phonedigits">
          <span>{t("codeSent", { phone: sent.phone, until: clockTime(sent.until) })}</span>
          <input className="box pin" name="code" inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code.digits} onChange={(event) => change({ ...code, digits: event.target.value.replace(/\D/g, "").slice(0, 6) })} />
        </label>
      )}
      {error !== null && <Refusal error={error} />}
    </div>
  );
}
