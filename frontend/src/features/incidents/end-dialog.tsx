// An incident gets its end: the hour at which the systems could be used again.
import { useState, type FormEvent } from "react";
import { send, type Incident } from "@/api";
import { useCommon } from "@/i18n";
import { now } from "@/lib/clock";
import { clockTime, parseDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { incident: Incident; onClose: () => void; onDone: () => void }

export function EndDialog({ incident, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [at, setAt] = useState(() => clockTime(now()));
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const endedAt = parseDateTime(at, now());
    if (!endedAt) return setError(new Error(t("timeWrong")));
    send<Incident>("POST", `/incidents/${incident.id}/end`, { endedAt }).then(onDone, setError);
  };
  return (
    <Dialog title={t("endTitle", { system: incident.system })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="muted">{t("endLead")}</p>
        <label className="field"><span>{t("endAt")}</span><input type="text" name="end" autoComplete="off" value={at} onChange={(event) => setAt(event.target.value)} /><small>{t("timeHint")}</small></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("end")}</button></div>
      </form>
    </Dialog>
  );
}
