// The decision of the head of the hospital, and why: with them the picked records become a list.
import { useState, type FormEvent } from "react";
import { send, type DestructionList, type KeptRecord } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { refusedOf } from "./choice";
import { useText } from "./text";

interface Props { records: readonly KeptRecord[]; drop: (ids: readonly string[]) => void; onClose: () => void; onDone: (list: DestructionList) => void }
export function ProposeDialog({ records, drop, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [decision, setDecision] = useState("");
  const [reason, setReason] = useState(t("whyUsual"));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const refused = refusedOf(error, records);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (!decision.trim()) return setError(new Error(t("needDecision")));
    if (!reason.trim()) return setError(new Error(t("needReason")));
    setBusy(true);
    setError(null);
    const body = { records: records.map((record) => record.encounterId), decision: decision.trim().normalize("NFC"), reason: reason.trim().normalize("NFC") };
    send<DestructionList>("POST", "/destruction-lists", body).then(onDone, setError).finally(() => setBusy(false));
  };
  const without = () => {
    drop(refused.map((one) => one.encounterId));
    setError(null);
    if (refused.length === records.length) onClose();
  };
  return (
    <Dialog title={t("proposeTitle", { n: records.length })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("proposeLead")}</p>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog exists to take it */}
        <label className="field"><span>{t("decision")}</span><input autoFocus type="text" name="decision" autoComplete="off" maxLength={200} value={decision} onChange={(event) => setDecision(event.target.value)} /><small>{t("decisionHint")}</small></label>
        <label className="field"><span>{t("why")}</span><input type="text" name="reason" autoComplete="off" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        {refused.length > 0 && (
          <div className="refusedlist">
            <ul aria-label={t("mustStayList")}>{refused.map((one) => <li key={one.encounterId}><b>{one.number}</b> {one.why}</li>)}</ul>
            <button type="button" className="btn small" onClick={without}>{t("dropThem")}</button>
          </div>
        )}
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p" disabled={busy}>{t("propose")}</button></div>
      </form>
    </Dialog>
  );
}
