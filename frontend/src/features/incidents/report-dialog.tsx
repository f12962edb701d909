// A report that went out is noted: to whom, when, and by which paper. It stays as it was noted.
import { useState, type FormEvent } from "react";
import { send, type SecurityDutyName, type SecurityIncident } from "@/api";
import { useCommon } from "@/i18n";
import { now } from "@/lib/clock";
import { clockTime, parseDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { DUTIES, useText } from "./text";

interface Props { incident: SecurityIncident; onClose: () => void; onDone: () => void }

export function ReportDialog({ incident, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [duty, setDuty] = useState<SecurityDutyName>((incident.duties.find((one) => !one.sentAt) ?? incident.duties[0])?.duty ?? "incident-report");
  const [recipient, setRecipient] = useState("");
  const [reference, setReference] = useState("");
  const [sent, setSent] = useState(() => clockTime(now()));
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const sentAt = parseDateTime(sent, now());
    if (!sentAt) return setError(new Error(t("timeWrong")));
    const body = { duty, recipient: recipient.trim().normalize("NFC"), reference: reference.trim().normalize("NFC"), sentAt };
    send<SecurityIncident>("POST", `/security-incidents/${incident.id}/reports`, body).then(onDone, setError);
  };
  return (
    <Dialog title={t("noteReport")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="muted">{t("reportStays")}</p>
        <label className="field"><span>{t("reportKind")}</span>
          <select className="box" name="duty" value={duty} onChange={(event) => setDuty(event.target.value as SecurityDutyName)}>
            {incident.duties.map((one) => <option key={one.duty} value={one.duty}>{t(DUTIES[one.duty])}</option>)}
          </select>
        </label>
        <label className="field"><span>{t("recipient")}</span><input type="text" name="recipient" maxLength={200} value={recipient} onChange={(event) => setRecipient(event.target.value)} /></label>
        <label className="field"><span>{t("reference")}</span><input type="text" name="reference" maxLength={200} value={reference} onChange={(event) => setReference(event.target.value)} /></label>
        <label className="field"><span>{t("sent")}</span><input type="text" name="sent" autoComplete="off" value={sent} onChange={(event) => setSent(event.target.value)} /><small>{t("timeHint")}</small></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("noteReport")}</button></div>
      </form>
    </Dialog>
  );
}
