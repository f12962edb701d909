// What it came to. With a report that was not sent it is closed only on purpose, with the reason.
import { useState, type FormEvent } from "react";
import { send, type SecurityIncident } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { incident: SecurityIncident; onClose: () => void; onDone: () => void }

export function CloseDialog({ incident, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [closing, setClosing] = useState("");
  const [unsent, setUnsent] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const missing = incident.duties.filter((duty) => !duty.sentAt).length;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send<SecurityIncident>("POST", `/security-incidents/${incident.id}/close`, { closing: closing.trim().normalize("NFC"), unsent }).then(onDone, setError);
  };
  return (
    <Dialog title={t("closeTitle")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("closing")}</span><textarea name="closing" rows={3} maxLength={2000} value={closing} onChange={(event) => setClosing(event.target.value)} /></label>
        {missing > 0 && <label className="choice"><input type="checkbox" name="unsent" checked={unsent} onChange={(event) => setUnsent(event.target.checked)} /> {t("unsent", { n: missing })}</label>}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("close")}</button></div>
      </form>
    </Dialog>
  );
}
