// One of a few words, and why: for a hold, and for a ground that lengthens the term.
import { useState, type FormEvent } from "react";
import { send, type RecordLife } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props {
  title: string; lead: string; label: string; why: string; action: string;
  /** Code and name of each. */
  choices: readonly (readonly [string, string])[];
  path: string;
  /** The name of the choice in the body. */
  field: "ground" | "class";
  onClose: () => void; onDone: () => void;
}
export function ChoiceDialog({ title, lead, label, why, action, choices, path, field, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [choice, setChoice] = useState(choices[0]?.[0] ?? "");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError(new Error(t("needReason")));
    send<RecordLife>("POST", path, { [field]: choice, reason: reason.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{lead}</p>
        <label className="field"><span>{label}</span><select className="box" name="choice" value={choice} onChange={(event) => setChoice(event.target.value)}>{choices.map(([code, name]) => <option key={code} value={code}>{name}</option>)}</select></label>
        <label className="field"><span>{why}</span><input type="text" name="reason" autoComplete="off" value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{action}</button></div>
      </form>
    </Dialog>
  );
}
