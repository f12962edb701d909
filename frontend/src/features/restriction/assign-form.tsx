// More colleagues for a record that is restricted already.
import { useState, type FormEvent } from "react";
import { send, type PersonRef, type RestrictionState } from "@/api";
import { ColleaguePicker } from "@/ui/colleague-picker";
import { Refusal } from "@/ui/status";
import { restrictionPath, useCandidates } from "./queries";
import { useText } from "./text";

interface Props { encounterId: string; onDone: (state: RestrictionState, said: string) => void }
export function AssignForm({ encounterId, onDone }: Props) {
  const t = useText();
  const candidates = useCandidates(encounterId);
  const [chosen, setChosen] = useState<readonly PersonRef[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (chosen.length === 0) return setError(new Error(t("needColleague")));
    setBusy(true);
    setError(null);
    send<RestrictionState>("POST", `${restrictionPath(encounterId)}/readers`, { users: chosen.map(({ id }) => id) })
      .then((state) => {
        setChosen([]);
        onDone(state, t("saidAssigned", { names: chosen.map(({ name }) => name).join(", ") }));
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ColleaguePicker found={candidates} label={t("assignMore")} chosen={chosen} choose={setChosen} />
      <Refusal error={error} />
      <div><button type="submit" className="btn">{t("assign")}</button></div>
    </form>
  );
}
