import { useState, type FormEvent } from "react";
import { newKey, send, type CareNote, type ReasonCode } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { Dialog } from "@/ui/dialog";
import { ReasonFields } from "@/ui/reason-fields";
import { Refusal } from "@/ui/status";

export function CorrectNote({ note, onClose, onSaved }: { note: CareNote; onClose: () => void; onSaved: () => void }) {
  const t = useChartText();
  const common = useCommon();
  const [course, setCourse] = useState(note.course);
  const [care, setCare] = useState(note.care);
  const [code, setCode] = useState<ReasonCode>("typo");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [key] = useState(newKey);
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (course === note.course && care === note.care) return setError(new Error(t("nothingChanged")));
    if (!reason.trim()) return setError(new Error(t("reasonNeeded")));
    try {
      await send<CareNote>("POST", `/notes/${note.id}/correct`, { version: note.version, reasonCode: code, reason: reason.trim().normalize("NFC"), course: course.trim().normalize("NFC"), care: care.trim().normalize("NFC") }, { ifMatch: note.version, idempotencyKey: key });
      onSaved();
    } catch (refused) {
      setError(refused);
    }
  }
  return (
    <Dialog title={t("correctNote")} onClose={onClose} wide>
      <p className="muted">{t("correctLead")}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("course")}</span><textarea rows={3} value={course} onChange={(event) => setCourse(event.target.value)} /></label>
        <label className="field"><span>{t("care")}</span><textarea rows={3} value={care} onChange={(event) => setCare(event.target.value)} /></label>
        <ReasonFields code={code} setCode={setCode} reason={reason} setReason={setReason} />
        <Refusal error={error} />
        <div className="actions">
          <button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>
          <button type="submit" className="btn p">{t("saveCorrection")}</button>
        </div>
      </form>
    </Dialog>
  );
}
