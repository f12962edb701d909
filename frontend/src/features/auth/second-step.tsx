// The second half of a login: a touch of the security key, six digits from the phone, or a code on paper, as the person has.
import { useEffect, useRef, useState, type FormEvent } from "react";
import type { SecondFactorAsked } from "@/api";
import "@/ui/dialog.css";
import { Refusal } from "@/ui/status";
import { CodeField } from "./code-field";
import { Plate } from "./plate";
import { useKeyText, useText } from "./text";

type Way = "key" | "code" | "recovery";
interface Props {
  asked: SecondFactorAsked;
  error: unknown; busy: boolean;
  onTouch: () => Promise<void>; onCode: (code: string) => Promise<void>;
  /** The key need not be waited for any longer. */
  onLetGo: () => void;
  onError: (error: unknown) => void; onBack: () => void;
}
export function SecondStep({ asked, error, busy, onTouch, onCode, onLetGo, onError, onBack }: Props) {
  const t = useText();
  const k = useKeyText();
  const [way, setWay] = useState<Way>(asked.securityKey ? "key" : asked.code ? "code" : "recovery");
  const [code, setCode] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => (way === "key" ? button : field).current?.focus(), [way]);

  const go = (next: Way) => {
    onLetGo();
    onError(null);
    setCode("");
    setWay(next);
    if (next === "key") void onTouch();
  };
  const show = (typed: string) => {
    if (!typed.trim()) return onError(new Error(t("needCode")));
    void onCode(typed).then(() => {
      setCode("");
      field.current?.focus();
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show(code);
  };
  const others = (
    <>
      {way !== "key" && asked.securityKey && <button type="button" className="btn quiet" onClick={() => go("key")}>{k("use")}</button>}
      {way !== "code" && asked.code && <button type="button" className="btn quiet" onClick={() => go("code")}>{t("useCode")}</button>}
      {way !== "recovery" && <button type="button" className="btn quiet" onClick={() => go("recovery")}>{asked.code && !asked.securityKey ? t("useRecovery") : k("useRecovery")}</button>}
    </>
  );
  if (way === "key") {
    return (
      <Plate title={k("title")} hint={k("touchHint")}>
        <div className="stack">
          <p role="status" className={busy ? "working" : "sr"}>{busy && k("touch")}</p>
          <Refusal error={error} id="login-error" />
          <div className="row">
            <button type="button" ref={button} className="btn p tall grow" aria-disabled={busy} onClick={() => void onTouch()}>{k("use")}</button>
            <button type="button" className="btn tall" onClick={onBack}>{t("back")}</button>
          </div>
          {others}
        </div>
      </Plate>
    );
  }
  const recovery = way === "recovery";
  const elsewhere = recovery && !asked.securityKey && asked.elsewhere.length > 0;
  return (
    <Plate title={t(recovery ? "recovery" : "code")} hint={elsewhere ? k("elsewhereHint", { hosts: asked.elsewhere.join(", ") }) : t(recovery ? "recoveryHint" : "codeHint")}>
      <form className="stack" onSubmit={submit} noValidate>
        <CodeField ref={field} label={t(recovery ? "recovery" : "code")} recovery={recovery} code={code} describedBy="login-error" onType={setCode} onSix={show} />
        <Refusal error={error} id="login-error" />
        {recovery && <p className="muted">{k("noCodes")}</p>}
        <div className="row">
          <button type="submit" className="btn p tall grow" aria-disabled={busy}>{busy ? t("entering") : t("enter")}</button>
          <button type="button" className="btn tall" onClick={onBack}>{t("back")}</button>
        </div>
        {others}
      </form>
    </Plate>
  );
}
