import { useState, type FormEvent } from "react";
import { send, type EmergencyRow, type Verdict } from "@/api";
import { useCommon } from "@/i18n";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

const VERDICTS: readonly Verdict[] = ["justified", "unjustified"];

export function ReviewDialog({ row, onClose, onDone }: { row: EmergencyRow; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [verdict, setVerdict] = useState<Verdict>("justified");
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!note.trim()) return setError(new Error(t("needNote")));
    send<EmergencyRow>("POST", `/emergency-access/${row.id}/review`, { verdict, note: note.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={t("reviewTitle", { name: row.by.name })} onClose={onClose}>
      <p>{fullDateTime(row.openedAt)} · {row.ward} · {row.of?.patientName}</p>
      <blockquote>{t(row.why)}<br />{row.of?.reason}</blockquote>
      <form className="stack" onSubmit={submit} noValidate>
        <fieldset className="field">
          <legend>{t("verdict")}</legend>
          <div className="choices">{VERDICTS.map((one) => <label className="choice" key={one}><input type="radio" name="verdict" checked={verdict === one} onChange={() => setVerdict(one)} /> {t(one)}</label>)}</div>
        </fieldset>
        <label className="field"><span>{t("note")}</span><input type="text" name="note" value={note} onChange={(event) => setNote(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("saveReview")}</button></div>
      </form>
    </Dialog>
  );
}
