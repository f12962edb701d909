// What was done; where a copy was given, by which request for the record.
import { useState, type FormEvent } from "react";
import { send, type SubjectRequest } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { request: SubjectRequest; onClose: () => void; onDone: () => void }

export function FinishDialog({ request, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [number, setNumber] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = reason.trim().normalize("NFC");
    if (!words) return setError(new Error(t("finishLead")));
    send<SubjectRequest>("POST", `/subject-requests/${request.id}/finish`, { reason: words, recordRequest: number.trim() || null }).then(onDone, setError);
  };
  return (
    <Dialog title={t("finishTitle", { number: request.number })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("finishLead")}</span><textarea name="reason" rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        {request.kind === "provide" && <label className="field"><span>{t("recordRequest")}</span><input type="text" name="recordRequest" maxLength={20} autoComplete="off" value={number} onChange={(event) => setNumber(event.target.value)} /></label>}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("finish")}</button></div>
      </form>
    </Dialog>
  );
}
