// Yes or no, with the ground. Where the law keeps a record, the sentence to say is there already.
import { useState, type FormEvent } from "react";
import { send, type SubjectRequest } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { request: SubjectRequest; onClose: () => void; onDone: () => void }

export function AnswerDialog({ request, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [ground, setGround] = useState(request.mustKeep ?? "");
  const [error, setError] = useState<unknown>(null);
  const say = (accept: boolean) => {
    const words = ground.trim().normalize("NFC");
    if (!words) return setError(new Error(t("needGround")));
    send<SubjectRequest>("POST", `/subject-requests/${request.id}/answer`, { accept, ground: words }).then(onDone, setError);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say(request.mustKeep === null);
  };
  return (
    <Dialog title={t("answerTitle", { number: request.number })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p><b>{request.kindText}</b>, {request.patientName}. {request.details}</p>
        <p className="muted">{request.askedBy}. {request.identity}. {request.paper}.</p>
        {request.mustKeep && <p role="note">{t("mustKeep")}</p>}
        <label className="field"><span>{t("groundOf")}</span><textarea name="ground" rows={4} maxLength={1000} value={ground} onChange={(event) => setGround(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions">
          <button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>
          <button type={request.mustKeep ? "submit" : "button"} className="btn danger" onClick={request.mustKeep ? undefined : () => say(false)}>{t("refuse")}</button>
          {!request.mustKeep && <button type="submit" className="btn p">{t("accept")}</button>}
        </div>
      </form>
    </Dialog>
  );
}
