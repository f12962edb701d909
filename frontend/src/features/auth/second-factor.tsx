// Sets a phone's code up, or another phone in its place: the password, a picture for the phone, one code of it, and ten
// codes on paper for the day on which the phone is lost.
import { useEffect, useRef, useState, type FormEvent } from "react";
import { send, type SecondFactorOffer, type SecondFactorSet, type Session } from "@/api";
import { Refusal } from "@/ui/status";
import { CodeField } from "./code-field";
import { proofOf, sendProved } from "./proof";
import { ProofFields, useOnce } from "./proof-fields";
import { RecoveryCodes } from "./recovery-codes";
import { useText } from "./text";
import "./second-factor.css";

interface Props {
  /** There is a second factor already, which is asked for before another comes; with keys it may be one of them. */
  factor: boolean; keys: boolean;
  onSession: (session: Session) => void;
  /** Another way out of this, in words. */
  leave: string; onLeave: () => void;
}
export function SecondFactor({ factor, keys, onSession, leave, onLeave }: Props) {
  const t = useText();
  const [password, setPassword] = useState("");
  const [current, setCurrent] = useState("");
  const [offer, setOffer] = useState<SecondFactorOffer | null>(null);
  const [code, setCode] = useState("");
  const [set, setSet] = useState<SecondFactorSet | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const { error, once } = useOnce(() => {
    setCode("");
    setCurrent("");
    field.current?.focus();
  });
  useEffect(() => field.current?.focus(), [offer]);

  const begin = (event: FormEvent) => {
    event.preventDefault();
    void once(async () => {
      setOffer(await sendProved<SecondFactorOffer>("/auth/second-factor/offer", proofOf(password, current)));
      setPassword("");
    });
  };
  const confirm = (typed: string) => once(async () => setSet(await send<SecondFactorSet>("POST", "/auth/second-factor", { code: typed })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void confirm(code);
  };

  if (set) return <RecoveryCodes codes={set.recoveryCodes} onKept={() => onSession(set.session)} />;
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
      <ProofFields factor={factor} keys={keys} password={password} code={current} describedBy="factor-error" onPassword={setPassword} onCode={setCurrent} />
      <Refusal error={error} id="factor-error" />
      <div className="row">
        <button type="submit" className="btn p tall grow">{t("next")}</button>
        <button type="button" className="btn tall" onClick={onLeave}>{leave}</button>
      </div>
    </form>
  );
}
