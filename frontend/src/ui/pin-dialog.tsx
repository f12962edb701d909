// Asks for the signing PIN after showing what will be signed. The sixth digit does not submit: signing is a decision,
// so it takes Enter or the button.
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { useCommon } from "@/i18n";
import { Dialog } from "./dialog";
import { Refusal } from "./status";

interface Props { title: string; action: string; sign: (pin: string) => Promise<void>; onClose: () => void; children?: ReactNode; wide?: boolean }
export function PinDialog({ title, action, sign, onClose, children, wide = false }: Props) {
  const t = useCommon();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy || pin.length !== 6) return setError(pin.length === 6 ? null : new Error(t("pinHint")));
    setBusy(true);
    setError(null);
    try {
      await sign(pin);
    } catch (refused) {
      setError(refused);
      input.current?.focus();
    } finally {
      setPin("");
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={() => busy || onClose()} wide={wide}>
      {children}
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field">
          <span>{t("pin")}</span>
          {/* The dialog exists to take the PIN: focus starts there. */}
          {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
          <input ref={input} autoFocus className="pin" name="pin" type="password" inputMode="numeric" autoComplete="off" value={pin} onChange={(event) => setPin(event.target.value.replace(/\D/g, "").slice(0, 6))} />
          <small>{t("pinHint")}</small>
        </label>
        <Refusal error={error} />
        {/* A round of many charts takes some seconds: each sheet is typeset and signed. */}
        <p role="status" className={busy ? "working" : "sr"}>{busy ? t("signing") : ""}</p>
        <div className="actions">
          <button type="button" className="btn" aria-disabled={busy} onClick={() => busy || onClose()}>{t("cancel")}</button>
          <button type="submit" className="btn p" aria-disabled={busy}>{action}</button>
        </div>
      </form>
    </Dialog>
  );
}
