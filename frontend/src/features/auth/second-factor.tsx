// Sets a second factor up, or another phone in its place: the password, a picture for the phone, one code of it, and ten
// codes on paper for the day on which the phone is lost.
import { useEffect, useRef, useState, type FormEvent } from "react";
import { send, type SecondFactorOffer, type SecondFactorSet, type Session } from "@/api";
import { Refusal } from "@/ui/status";
import { CodeField } from "./code-field";
import { useText } from "./text";
import "./second-factor.css";

interface Props {
  /** There is one already, which is asked for before another takes its place. */
  renewing: boolean;
  onSession: (session: Session) => void;
  /** Another way out of this, in words. */
  leave: string; onLeave: () => void;
}
export function SecondFactor({ renewing, onSession, leave, onLeave }: Props) {
  const t = useText();
  const [password, setPassword] = useState("");
  const [current, setCurrent] = useState("");
  const [offer, setOffer] = useState<SecondFactorOffer | null>(null);
  const [code, setCode] = useState("");
  const [set, setSet] = useState<SecondFactorSet | null>(null);
  const [error, setError] = useState<unknown>(null);
  const running = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  const codes = useRef<HTMLOListElement>(null);
  useEffect(() => field.current?.focus(), [offer]);
  useEffect(() => codes.current?.focus(), [set]);

  async function once(work: () => Promise<void>) {
    if (running.current) return;
    running.current = true;
    setError(null);
    try {
      await work();
    } catch (refused) {
      setError(refused);
      setCode("");
      setCurrent("");
      field.current?.focus();
    } finally {
      running.current = false;
    }
  }
  const begin = (event: FormEvent) => {
    event.preventDefault();
    void once(async () => {
      setOffer(await send<SecondFactorOffer>("POST", "/auth/second-factor/offer", { password, ...(renewing && { code: current }) }));
      setPassword("");
    });
  };
  const confirm = (typed: string) => once(async () => setSet(await send<SecondFactorSet>("POST", "/auth/second-factor", { code: typed })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void confirm(code);
  };

  if (set) {
    return (
      <div className="stack">
        <p><b>{t("factorDone")}</b></p>
        <p>{t("factorKeep")}</p>
        <ol className="recovery" ref={codes} tabIndex={-1} aria-label={t("factorDone")}>
          {set.recoveryCodes.map((one) => <li key={one}><code>{one}</code></li>)}
        </ol>
        <div className="row">
          <button type="button" className="btn p tall grow" onClick={() => onSession(set.session)}>{t("factorKept")}</button>
          <button type="button" className="btn tall" onClick={() => window.print()}>{t("print")}</button>
        </div>
      </div>
    );
  }
  if (offer) {
    const groups = offer.secret.match(/.{1,4}/g) ?? [];
    return (
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("factorScan")}</p>
        <div className="scan">
          <svg role="img" aria-label={t("factorPicture")} viewBox={`-4 -4 ${offer.pictureSize + 8} ${offer.pictureSize + 8}`} shapeRendering="crispEdges"><path d={offer.picturePath} /></svg>
          <p><small className="muted">{t("factorType")}</small><code className="secret">{groups.join(" ")}</code></p>
        </div>
        <CodeField ref={field} label={t("code")} code={code} describedBy="factor-error" onType={setCode} onSix={(six) => void confirm(six)} />
        <Refusal error={error} id="factor-error" />
        <div className="row">
          <button type="submit" className="btn p tall grow">{t("factorConfirm")}</button>
          <button type="button" className="btn tall" onClick={onLeave}>{leave}</button>
        </div>
      </form>
    );
  }
  return (
    <form className="stack" onSubmit={begin} noValidate>
      <label className="field">
        <span>{t("password")}</span>
        <input name="password" type="password" autoComplete="current-password" value={password} onChange={(event) => setPassword(event.target.value)} aria-describedby="factor-error" />
      </label>
      {renewing && <CodeField label={t("factorCurrent")} recovery code={current} describedBy="factor-error" onType={setCurrent} />}
      <Refusal error={error} id="factor-error" />
      <div className="row">
        <button type="submit" className="btn p tall grow">{t("next")}</button>
        <button type="button" className="btn tall" onClick={onLeave}>{leave}</button>
      </div>
    </form>
  );
}
