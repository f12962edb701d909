// Asks for the signing PIN after showing what will be signed, and says whose PIN: one's own, the token's, the signing
// service's. The last digit does not submit: signing is a decision, so it takes Enter or the button.
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import type { KeyHolder } from "@/api";
import { useCommon } from "@/i18n";
import { useSession } from "@/lib/session";
import { AgentError, withToken } from "@/lib/sign-agent";
import { Dialog } from "./dialog";
import { Refusal } from "./status";

const LONGEST = 64;
const ASKED = {
  software: { label: "pin", hint: "pinHint" },
  pkcs11: { label: "pinToken", hint: "pinTokenHint" },
  terminal: { label: "pinToken", hint: "pinTerminalHint" },
  remote: { label: "pinRemote", hint: "pinRemoteHint" },
} as const satisfies Record<KeyHolder, object>;

interface Props { title: string; action: string; sign: (pin: string) => Promise<void>; onClose: () => void; children?: ReactNode; wide?: boolean; heldBy?: KeyHolder /* of another key than my own */ }
export function PinDialog({ title, action, sign, onClose, children, wide = false, heldBy }: Props) {
  const t = useCommon();
  const { keyHolder, signingRules } = useSession().session;
  const holder = heldBy ?? keyHolder ?? "software";
  const [own, asked] = [holder === "software", ASKED[holder]];
  const [pin, setPin] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [signed, setSigned] = useState<{ n: number; most: number } | null>(null);
  const input = useRef<HTMLInputElement>(null);
  async function submit(event: FormEvent) {
    event.preventDefault();
    const whole = own ? pin.length === 6 : pin.trim() !== "";
    if (busy || !whole) return setError(whole ? null : new Error(t(own ? "pinHint" : "pinEmpty")));
    setBusy(true);
    setError(null);
    try {
      // The server never gets the PIN of a token in this computer: it is told what the token signed.
      if (holder === "terminal") await withToken(pin, () => sign(""), (n, most) => setSigned({ n, most }));
      else await sign(pin);
    } catch (refused) {
      setError(refused instanceof AgentError ? new Error(t(refused.trouble)) : refused);
      input.current?.focus();
    } finally {
      setPin("");
      setSigned(null);
      setBusy(false);
    }
  }
  const here = signed ? t("signedHere", signed) : t("signingHere");
  const working = holder === "terminal" ? here : t("signing");
  return (
    <Dialog title={title} onClose={() => busy || onClose()} wide={wide}>
      {children}
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field">
          <span>{t(asked.label)}</span>
          {/* The dialog exists to take the PIN: focus starts there. */}
          {/* eslint-disable-next-line jsx-a11y/no-autofocus */}
          <input ref={input} autoFocus className={own ? "pin" : ""} name="pin" type="password" inputMode={own ? "numeric" : "text"} autoComplete="off" maxLength={LONGEST} value={pin} onChange={(event) => setPin(own ? event.target.value.replace(/\D/g, "").slice(0, 6) : event.target.value)} />
          <small>{t(asked.hint)}</small>
        </label>
        <p className="muted">{signingRules ? t("signsUnder", { rules: signingRules }) : t("signsWithoutRules")}</p>
        <Refusal error={error} />
        {/* A round of many charts takes some seconds: each sheet is typeset and signed. */}
        <p role="status" className={busy ? "working" : "sr"}>{busy ? working : ""}</p>
        <div className="actions">
          <button type="button" className="btn" aria-disabled={busy} onClick={() => busy || onClose()}>{t("cancel")}</button>
          <button type="submit" className="btn p" aria-disabled={busy}>{action}</button>
        </div>
      </form>
    </Dialog>
  );
}
