// Takes one's own security key away: why, and that it is still the same person.
import { useState, type FormEvent } from "react";
import type { SecurityKeyRow, Session } from "@/api";
import { Refusal } from "@/ui/status";
import { proofOf, sendProved } from "./proof";
import { ProofFields, useOnce } from "./proof-fields";
import { useKeyText, useText } from "./text";

export function LostKey({ row, onSession, onLeave }: { row: SecurityKeyRow; onSession: (session: Session) => void; onLeave: () => void }) {
  const t = useText();
  const k = useKeyText();
  const [reason, setReason] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { error, setError, busy, once } = useOnce(() => setCode(""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const why = reason.trim().normalize("NFC");
    if (!why) return setError(new Error(k("needReason")));
    void once(async () => onSession(await sendProved<Session>(`/auth/security-keys/${row.id}/remove`, proofOf(password, code), { reason: why })));
  };
  return (
    <form className="stack" onSubmit={submit} noValidate aria-label={k("removeOf", { name: row.name })}>
      <p>{k("removeLead", { name: row.name })}</p>
      {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the form opened to take the reason */}
      <label className="field"><span>{k("reason")}</span><input autoFocus name="reason" type="text" value={reason} onChange={(event) => setReason(event.target.value)} aria-describedby="key-error" /></label>
      <ProofFields factor keys password={password} code={code} describedBy="key-error" onPassword={setPassword} onCode={setCode} />
      <p role="status" className={busy ? "working" : "sr"}>{busy && k("touch")}</p>
      <Refusal error={error} id="key-error" />
      <div className="row">
        <button type="submit" className="btn danger tall grow" aria-disabled={busy}>{k("remove")}</button>
        <button type="button" className="btn tall" onClick={onLeave}>{t("back")}</button>
      </div>
    </form>
  );
}
