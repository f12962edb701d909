// At the refusal of a chart, of another ward or for assigned staff alone: the way to it when a life depends on it, with words that somebody will read.
import { useState, type FormEvent } from "react";
import { send, type EmergencyOpened, type EmergencyWhy } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

const WHYS: readonly EmergencyWhy[] = ["life-in-danger", "called-to-help", "on-duty", "other"];

interface Props { encounterId: string; restricted: boolean; onClose: () => void; onOpened: () => void }
export function EmergencyDialog({ encounterId, restricted, onClose, onOpened }: Props) {
  const t = useText();
  const common = useCommon();
  const [why, setWhy] = useState<EmergencyWhy>("life-in-danger");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError(new Error(t("needReason")));
    send<EmergencyOpened>("POST", `/encounters/${encounterId}/emergency-access`, { why, reason: reason.trim().normalize("NFC") }).then(onOpened, setError);
  };
  return (
    <Dialog title={t("emergency")} onClose={onClose}>
      <p>{t(restricted ? "emergencyRestrictedLead" : "emergencyOpenLead")}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <fieldset className="field">
          <legend>{t("why")}</legend>
          <div className="choices">{WHYS.map((one) => <label className="choice" key={one}><input type="radio" name="why" checked={why === one} onChange={() => setWhy(one)} /> {t(one)}</label>)}</div>
        </fieldset>
        <label className="field"><span>{t("reasonText")}</span><input type="text" name="reason" value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("openChart")}</button></div>
      </form>
    </Dialog>
  );
}
