// Registers a security key: what it is called, that it is still the same person, a touch; and codes on paper with the first.
import { useEffect, useRef, useState, type FormEvent } from "react";
import { send, type SecondFactorSet, type SecurityKeyOffer, type Session } from "@/api";
import { makeKey } from "@/lib/security-key";
import "@/ui/dialog.css";
import { Refusal } from "@/ui/status";
import { proofOf, sendProved } from "./proof";
import { ProofFields, useOnce } from "./proof-fields";
import { RecoveryCodes } from "./recovery-codes";
import { useKeyText } from "./text";

interface Props { factor: boolean; keys: boolean; onSession: (session: Session) => void; leave: string; onLeave: () => void }
export function NewKey({ factor, keys, onSession, leave, onLeave }: Props) {
  const k = useKeyText();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [set, setSet] = useState<SecondFactorSet | null>(null);
  const { error, setError, busy, once } = useOnce(() => setCode(""));
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return setError(new Error(k("needName")));
    void once(async () => {
      const offer = await sendProved<SecurityKeyOffer>("/auth/security-keys/offer", proofOf(password, code));
      const made = await makeKey(offer);
      const done = await send<SecondFactorSet>("POST", "/auth/security-keys", { name: name.trim().normalize("NFC"), ...made });
      if (done.recoveryCodes.length > 0) setSet(done);
      else onSession(done.session);
    });
  };
  if (set) return <RecoveryCodes codes={set.recoveryCodes} onKept={() => onSession(set.session)} />;
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <label className="field">
        <span>{k("name")}</span>
        <input ref={field} name="keyname" type="text" autoComplete="off" maxLength={60} value={name} onChange={(event) => setName(event.target.value)} aria-describedby="key-hint key-error" />
        <small id="key-hint">{k("nameHint")}</small>
      </label>
      <ProofFields factor={factor} keys={keys} password={password} code={code} describedBy="key-error" onPassword={setPassword} onCode={setCode} />
      <p role="status" className={busy ? "working" : "muted"}>{k(busy ? "touch" : "addHint")}</p>
      <Refusal error={error} id="key-error" />
      <div className="row">
        <button type="submit" className="btn p tall grow" aria-disabled={busy}>{k("register")}</button>
        <button type="button" className="btn tall" onClick={onLeave}>{leave}</button>
      </div>
    </form>
  );
}
