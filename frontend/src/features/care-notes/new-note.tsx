import { useEffect, useState, type FormEvent } from "react";
import { newKey, send, type CareNote } from "@/api";
import { useChartText } from "@/i18n/chart";
import { now, nowIso } from "@/lib/clock";
import { useDrafts } from "@/lib/session";
import { clockTime, parseDateTime } from "@/lib/time";
import { Refusal } from "@/ui/status";
import "@/ui/forms.css";

interface Draft { time: string; course: string; care: string; key: string }
const fresh = (): Draft => ({ time: "", course: "", care: "", key: newKey() });

export function NewNote({ encounterId, onSaved }: { encounterId: string; onSaved: () => void }) {
  const t = useChartText();
  const drafts = useDrafts();
  const name = `note.${encounterId}`;
  const [draft, setDraft] = useState<Draft>(() => drafts.read<Draft>(name) ?? fresh());
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const begun = draft.course !== "" || draft.care !== "";
  useEffect(() => {
    if (begun) drafts.write(name, draft);
    else drafts.drop(name);
  }, [drafts, name, draft, begun]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (busy) return;
    if (!draft.course.trim() && !draft.care.trim()) return setError(new Error(t("noteNeeded")));
    const effectiveAt = draft.time.trim() === "" ? nowIso() : parseDateTime(draft.time, now());
    if (!effectiveAt) return setError(new Error(t("timeWrong")));
    setBusy(true);
    setError(null);
    try {
      await send<CareNote>("POST", `/encounters/${encounterId}/notes`, { effectiveAt, course: draft.course.trim().normalize("NFC"), care: draft.care.trim().normalize("NFC") }, { idempotencyKey: draft.key });
      setDraft(fresh());
      onSaved();
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  }
  return (
    <form className="newnote" onSubmit={submit} noValidate aria-label={t("addNote")}>
      <label className="field"><span>{t("noteTime")}</span><input type="text" name="time" placeholder={clockTime(now())} value={draft.time} onChange={(event) => setDraft({ ...draft, time: event.target.value })} /></label>
      <label className="field"><span>{t("course")}</span><textarea name="course" rows={2} value={draft.course} onChange={(event) => setDraft({ ...draft, course: event.target.value })} /></label>
      <label className="field"><span>{t("care")}</span><textarea name="care" rows={2} value={draft.care} onChange={(event) => setDraft({ ...draft, care: event.target.value })} /></label>
      <div className="newnote-end">
        <Refusal error={error} />
        {begun && !error && <span className="muted">{t("noteDraft")}</span>}
        <span className="grow" />
        <button type="submit" className="btn p" aria-disabled={busy}>{t("saveNote")}</button>
      </div>
    </form>
  );
}
