// Password once a shift, and the code from the phone for whoever has one. Afterwards the PIN unlocks (lock.tsx).
import { useEffect, useRef, useState, type FormEvent } from "react";
import { ApiError, send, type Session } from "@/api";
import { Refusal } from "@/ui/status";
import { CodeField } from "./code-field";
import { Plate } from "./plate";
import { useText } from "./text";

const ABOUT_THE_CODE = ["second-factor", "bad-code", "used-code"];

/** `outside`: whose session ended was let in to read, and their account may have ended with what they read. */
export function Login({ ended, outside = false, said, onSession }: { ended: boolean; outside?: boolean | undefined; said?: string | undefined; onSession: (session: Session) => void }) {
  const t = useText();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  /** The password was right, and a code is asked for. */
  const [half, setHalf] = useState(false);
  const [recovery, setRecovery] = useState(false);
  const [code, setCode] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (half) field.current?.focus();
  }, [half, recovery]);

  async function ask(typed: string) {
    if (running.current) return;
    if (!username.trim() || !password) return setError(new Error(t("needBoth")));
    if (half && !typed.trim()) return setError(new Error(t("needCode")));
    running.current = true;
    setBusy(true);
    setError(null);
    try {
      onSession(await send<Session>("POST", "/auth/login", { username: username.trim(), password, ...(half && { code: typed }) }));
    } catch (refused) {
      const why = refused instanceof ApiError ? refused.code : "";
      setCode("");
      if (why === "second-factor") setHalf(true);
      else setError(refused);
      if (half) field.current?.focus();
      // Without an answer the password may stay: only the network failed.
      if (!ABOUT_THE_CODE.includes(why) && why !== "offline") start();
    } finally {
      running.current = false;
      setBusy(false);
    }
  }
  function start() {
    setHalf(false);
    setRecovery(false);
    setCode("");
    setPassword("");
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void ask(code);
  };

  if (half) {
    return (
      <Plate title={t("code")} hint={t(recovery ? "recoveryHint" : "codeHint")}>
        <form className="stack" onSubmit={submit} noValidate>
          <CodeField ref={field} label={t(recovery ? "recovery" : "code")} recovery={recovery} code={code} describedBy="login-error" onType={setCode} onSix={(six) => void ask(six)} />
          <Refusal error={error} id="login-error" />
          {recovery && <p className="muted">{t("noCodes")}</p>}
          <div className="row">
            <button type="submit" className="btn p tall grow" aria-disabled={busy}>{busy ? t("entering") : t("enter")}</button>
            <button type="button" className="btn tall" onClick={() => { setError(null); start(); }}>{t("back")}</button>
          </div>
          <button type="button" className="btn quiet" onClick={() => { setRecovery(!recovery); setCode(""); setError(null); }}>{t(recovery ? "useCode" : "useRecovery")}</button>
        </form>
      </Plate>
    );
  }
  return (
    <Plate title={t("title")} hint={said ?? (ended ? t(outside ? "endedOutside" : "ended") : t("tagline"))}>
      <form className="stack" onSubmit={submit} noValidate aria-describedby={error ? "login-error" : undefined}>
        <label className="field">
          <span>{t("username")}</span>
          <input name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} value={username} onChange={(event) => setUsername(event.target.value)} />
        </label>
        <label className="field">
          <span>{t("password")}</span>
          <input name="password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} />
        </label>
        <Refusal error={error} id="login-error" />
        <button type="submit" className="btn p tall" aria-disabled={busy}>{busy ? t("entering") : t("enter")}</button>
      </form>
    </Plate>
  );
}
