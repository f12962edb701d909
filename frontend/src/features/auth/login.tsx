// Password once a shift, and a code from the phone or a security key for whoever has one. Afterwards the PIN unlocks
// (lock.tsx).
import { useRef, useState, type FormEvent } from "react";
import { ApiError, send, type KeyAnswered, type SecondFactorAsked, type SecurityKeyAsked, type Session } from "@/api";
import { answerOf } from "@/lib/security-key";
import { Refusal } from "@/ui/status";
import { Plate } from "./plate";
import { useOnce } from "./proof-fields";
import { SecondStep } from "./second-step";
import { useText } from "./text";

const ABOUT_THE_FACTOR = ["second-factor", "bad-code", "used-code", "bad-security-key", "old-answer", "cloned-security-key", "offline"];

/** `outside`: whose session ended was let in to read, and their account may have ended with what they read. */
export function Login({ ended, outside = false, said, onSession }: { ended: boolean; outside?: boolean | undefined; said?: string | undefined; onSession: (session: Session) => void }) {
  const t = useText();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  /** The password was right, and this is asked for beside it. */
  const [asked, setAsked] = useState<SecondFactorAsked | null>(null);
  const { error, setError, busy, once } = useOnce();
  const touching = useRef<AbortController | null>(null);

  /** What is asked for beside it, or nothing where the door is open. */
  async function enter(shown: { code?: string; securityKey?: KeyAnswered } = {}): Promise<SecondFactorAsked | null> {
    try {
      onSession(await send<Session>("POST", "/auth/login", { username: username.trim(), password, ...shown }));
      return null;
    } catch (refused) {
      const next = refused instanceof ApiError && refused.code === "second-factor" ? refused.problem.secondFactor : undefined;
      if (next) {
        setAsked(next);
        return next;
      }
      // Without an answer the password may stay: only the network failed.
      if (!(refused instanceof ApiError) || !ABOUT_THE_FACTOR.includes(refused.code)) start();
      throw refused;
    }
  }
  /** Each question is good for one answer: another try asks anew. */
  async function touch(question?: SecurityKeyAsked | null) {
    const fresh = question ?? (await enter())?.securityKey;
    if (!fresh) return;
    const waiting = new AbortController();
    touching.current = waiting;
    try {
      await enter({ securityKey: await answerOf(fresh, waiting.signal) });
    } catch (trouble) {
      // Whoever chose another way was not let down by the key.
      if (!waiting.signal.aborted) throw trouble;
    }
  }
  function start() {
    touching.current?.abort();
    setAsked(null);
    setPassword("");
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!username.trim() || !password) return setError(new Error(t("needBoth")));
    void once(async () => {
      const next = await enter();
      if (next?.securityKey) await touch(next.securityKey);
    });
  };

  if (asked) {
    const back = () => {
      setError(null);
      start();
    };
    return (
      <SecondStep
        asked={asked} error={error} busy={busy} onBack={back} onError={setError} onLetGo={() => touching.current?.abort()}
        onTouch={() => once(() => touch())} onCode={(code) => once(() => enter({ code }))}
      />
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
