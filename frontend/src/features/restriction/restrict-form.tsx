// Before a record is restricted: what that does, why, and who reads it beside whoever restricts it.
import { useState, type FormEvent } from "react";
import { send, type PersonRef, type RestrictionKind, type RestrictionState } from "@/api";
import { useCommon } from "@/i18n";
import { ColleaguePicker } from "@/ui/colleague-picker";
import { Refusal } from "@/ui/status";
import { restrictionPath, useCandidates } from "./queries";
import { useText } from "./text";

const KINDS: readonly RestrictionKind[] = ["hiv", "psychiatric", "other"];

interface Props { encounterId: string; onClose: () => void; onDone: (state: RestrictionState) => void }
export function RestrictForm({ encounterId, onClose, onDone }: Props) {
  const t = useText();
  const candidates = useCandidates(encounterId);
  const common = useCommon();
  // Nothing is chosen beforehand: each kind says something about the patient.
  const [kind, setKind] = useState<RestrictionKind | null>(null);
  const [reason, setReason] = useState("");
  const [chosen, setChosen] = useState<readonly PersonRef[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (!kind) return setError(new Error(t("needKind")));
    if (!reason.trim()) return setError(new Error(t("needReason")));
    setBusy(true);
    setError(null);
    const body = { kind, reason: reason.trim().normalize("NFC"), readers: chosen.map(({ id }) => id) };
    send<RestrictionState>("POST", restrictionPath(encounterId), body).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <p>{t("restrictLead")}</p>
      <fieldset className="field">
        <legend>{t("kind")}</legend>
        <div className="choices">{KINDS.map((one) => <label className="choice" key={one}><input type="radio" name="kind" checked={kind === one} onChange={() => { setKind(one); setError(null); }} /> {t(one)}</label>)}</div>
      </fieldset>
      <label className="field"><span>{t("reason")}</span><input type="text" name="reason" autoComplete="off" value={reason} onChange={(event) => { setReason(event.target.value); setError(null); }} /></label>
      <ColleaguePicker found={candidates} label={t("assignTo")} hint={t("youToo")} chosen={chosen} choose={setChosen} />
      <Refusal error={error} />
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("restrict")}</button></div>
    </form>
  );
}
