import { useState, type FormEvent } from "react";
import { send } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

export function DismissDialog({ id, onClose, onDone }: { id: string; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError(new Error(t("needReason")));
    send("POST", `/waiting/${id}/dismiss`, { reason: reason.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={t("dismiss")} onClose={onClose}>
      <p>{t("dismissLead")}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("dismissReason")}</span><input type="text" name="dismiss-reason" value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("dismiss")}</button></div>
      </form>
    </Dialog>
  );
}
