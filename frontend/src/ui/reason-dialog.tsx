// Takes something back: nothing leaves the record without words that say why.
import { useState, type FormEvent } from "react";
import { send } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "./dialog";
import { Refusal } from "./status";

interface Props {
  title: string; lead?: string; label: string; action: string; name?: string;
  /** What to say when no reason was given. */
  missing: string;
  /** The word of the way out: «close» where «cancel» would be read as the deed itself. */
  dismiss?: "cancel" | "close";
  /** Where the reason is posted to, and what goes with it. */
  path: string; body?: object;
  onClose: () => void; onDone: () => void;
}
export function ReasonDialog({ title, lead, label, action, name, missing, dismiss = "cancel", path, body, onClose, onDone }: Props) {
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError(new Error(missing));
    send("POST", path, { ...body, reason: reason.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {lead && <p>{lead}</p>}
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{label}</span><input type="text" name={name} value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common(dismiss)}</button><button type="submit" className="btn danger">{action}</button></div>
      </form>
    </Dialog>
  );
}
