// Password once a shift. Afterwards the PIN unlocks (lock.tsx).
import { useState, type FormEvent } from "react";
import { send, type Session } from "@/api";
import { Refusal } from "@/ui/status";
import { Plate } from "./plate";
import { useText } from "./text";

export function Login({ ended, said, onSession }: { ended: boolean; said?: string | undefined; onSession: (session: Session) => void }) {
  const t = useText();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    if (!username.trim() || !password) return setError(new Error(t("needBoth")));
    setBusy(true);
    setError(null);
    try {
      onSession(await send<Session>("POST", "/auth/login", { username: username.trim(), password }));
    } catch (refused) {
      setError(refused);
      setPassword("");
    } finally {
      setBusy(false);
    }
  }

  return (
    <Plate title={t("title")} hint={said ?? (ended ? t("ended") : t("tagline"))}>
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
