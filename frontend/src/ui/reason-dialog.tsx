// Takes something back or changes it: nothing leaves the record without words that say why.
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
  /** Where the reason is posted to, and what goes with it; without a place, `onDone` is told the reason. */
  path?: string; body?: object;
  /** What is taken back is a loss; a change is not. */
  gentle?: boolean;
  onClose: () => void; onDone: (reason: string) => void;
}
export function ReasonDialog({ title, lead, label, action, name, missing, dismiss = "cancel", path, body, gentle = false, onClose, onDone }: Props) {
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const why = reason.trim().normalize("NFC");
    if (!why) return setError(new Error(missing));
    if (path === undefined) return onDone(why);
    send("POST", path, { ...body, reason: why }).then(() => onDone(why), setError);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      {lead && <p>{lead}</p>}
      <form className="stack" onSubmit={submit} noValidate>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog exists to take the reason */}
        <label className="field"><span>{label}</span><input autoFocus type="text" name={name} value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common(dismiss)}</button><button type="submit" className={gentle ? "btn p" : "btn danger"}>{action}</button></div>
      </form>
    </Dialog>
  );
}
