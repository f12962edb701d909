// Locked: the app is unmounted behind this page. Six digits unlock without Enter; another person switches user.
import { useEffect, useRef, useState, type FormEvent } from "react";
import { ApiError, send, type Session } from "@/api";
import { useCommon } from "@/i18n";
import { Refusal } from "@/ui/status";
import { Plate } from "./plate";
import { useText } from "./text";

interface Props { session: Session; onSession: (session: Session) => void; onSwitch: () => void; /** The PIN takes no more tries. */ onShut: () => void }
export function Lock({ session, onSession, onSwitch, onShut }: Props) {
  const t = useText();
  const common = useCommon();
  const [pin, setPin] = useState("");
  const [error, setError] = useState<unknown>(null);
  const busy = useRef(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);

  async function unlock(typed: string) {
    if (busy.current) return;
    if (!/^\d{6}$/.test(typed)) return setError(new Error(t("pin6")));
    busy.current = true;
    setError(null);
    try {
      onSession(await send<Session>("POST", "/auth/unlock", { pin: typed }));
    } catch (refused) {
      if (refused instanceof ApiError && refused.code === "pin-locked") onShut();
      setError(refused);
      setPin("");
      input.current?.focus();
    } finally {
      busy.current = false;
    }
  }
  function type(text: string) {
    const digits = text.replace(/\D/g, "").slice(0, 6);
    setPin(digits);
    if (digits.length === 6) void unlock(digits);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void unlock(pin);
  };

  return (
    <Plate title={t("locked")} hint={`${session.user.title} ${session.user.name}. ${t("lockedHint")}`.trim()}>
      <form className="stack" onSubmit={submit} noValidate>
        {session.hasPin ? (
          <label className="field">
            <span>{common("pin")}</span>
            <input ref={input} className="pin" name="pin" type="password" inputMode="numeric" autoComplete="off" value={pin} onChange={(event) => type(event.target.value)} aria-describedby="lock-error" />
          </label>
        ) : (
          <p>{t("noPin")}</p>
        )}
        <Refusal error={error} id="lock-error" />
        <div className="row">
          {session.hasPin && <button type="submit" className="btn p tall grow">{t("unlock")}</button>}
          <button type="button" className={session.hasPin ? "btn tall" : "btn p tall grow"} onClick={onSwitch}>{t(session.hasPin ? "switchUser" : "enterAgain")}</button>
        </div>
      </form>
    </Plate>
  );
}
