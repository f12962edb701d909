// One more doctor for a stay: asked to consult, or to treat beside the doctors of the ward.
import { useState, type FormEvent } from "react";
import { ApiError, send, type PersonRef, type Treating, type TreatingPart } from "@/api";
import { ColleaguePicker } from "@/ui/colleague-picker";
import { Refusal } from "@/ui/status";
import { treatingPath, useTreatingCandidates } from "./queries";
import { useText } from "./text";

const PARTS: readonly TreatingPart[] = ["consult", "treating"];

interface Props { encounterId: string; onStale: () => void; onDone: (state: Treating, said: string) => void }
export function NameForm({ encounterId, onStale, onDone }: Props) {
  const t = useText();
  const candidates = useTreatingCandidates(encounterId);
  const [chosen, setChosen] = useState<readonly PersonRef[]>([]);
  const [part, setPart] = useState<TreatingPart>("consult");
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const [one] = chosen;
    if (!one) return setError(new Error(t("needDoctor")));
    setBusy(true);
    setError(null);
    send<Treating>("POST", treatingPath(encounterId), { user: one.id, part })
      .then((state) => {
        setChosen([]);
        onDone(state, t(part === "consult" ? "saidAsked" : "saidNamed", { name: one.name }));
      }, (refused: unknown) => {
        setError(refused);
        // Somebody else named them meanwhile: the list says so.
        if (refused instanceof ApiError && refused.status === 409) onStale();
      })
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ColleaguePicker found={candidates} label={t("nameMore")} one chosen={chosen} choose={(people) => { setChosen(people); setError(null); }} />
      <fieldset className="field">
        <legend>{t("part")}</legend>
        <div className="choices">{PARTS.map((one) => <label className="choice" key={one}><input type="radio" name="part" checked={part === one} onChange={() => setPart(one)} /> {t(`part-${one}`)}</label>)}</div>
      </fieldset>
      <Refusal error={error} />
      <div><button type="submit" className="btn p">{t(part === "consult" ? "ask" : "nameOne")}</button></div>
    </form>
  );
}
