// The first login: a password of one's own instead of the one the administrator knows, then a PIN that nobody else
// ever knew. With the PIN the server makes the key and certificate that sign.
import { useState, type FormEvent } from "react";
import { send, type Session } from "@/api";
import { Refusal } from "@/ui/status";
import { Plate } from "./plate";
import { useText } from "./text";

interface Props { session: Session; onSession: (session: Session) => void; onSwitch: () => void }
export function OwnKeys({ session, onSession, onSwitch }: Props) {
  const t = useText();
  // Kept from the first step, so that the second does not ask for it again.
  const [password, setPassword] = useState("");
  const [first, setFirst] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [known, setKnown] = useState(false);
  const choosing = session.mustChangePassword;
  const digits = (text: string) => (choosing ? text : text.replace(/\D/g, "").slice(0, 6));

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    if (!choosing && !/^\d{6}$/.test(first)) return setError(new Error(t("pin6")));
    if (first !== again) return setError(new Error(t("differ")));
    setBusy(true);
    setError(null);
    try {
      const next = choosing
        ? await send<Session>("POST", "/auth/password", { currentPassword: password, newPassword: first })
        : await send<Session>("POST", "/auth/pin", { password, pin: first });
      if (choosing) { setPassword(first); setKnown(true); }
      setFirst("");
      setAgain("");
      onSession(next);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  }

  const chosen = { type: "password", autoComplete: choosing ? "new-password" : "off", inputMode: choosing ? undefined : "numeric" } as const;
  return (
    <Plate title={choosing ? t("ownPassword") : t("ownPin")} hint={choosing ? t("ownPasswordHint") : t("ownPinHint")}>
      <form className="stack" onSubmit={submit} noValidate aria-describedby={error ? "own-error" : undefined}>
        {!known && (
          <label className="field">
            <span>{choosing ? t("initialPassword") : t("password")}</span>
            <input name="password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
          </label>
        )}
        <label className="field">
          <span>{choosing ? t("newPassword") : t("newPin")}</span>
          <input name="first" {...chosen} value={first} onChange={(event) => setFirst(digits(event.target.value))} />
        </label>
        <label className="field">
          <span>{t("again")}</span>
          <input name="again" {...chosen} value={again} onChange={(event) => setAgain(digits(event.target.value))} />
        </label>
        <Refusal error={error} id="own-error" />
        <div className="row">
          <button type="submit" className="btn p tall grow" aria-disabled={busy}>{t("set")}</button>
          <button type="button" className="btn tall" onClick={onSwitch}>{t("switchUser")}</button>
        </div>
      </form>
    </Plate>
  );
}
