// The hours in which one more doctor covers the ward: from now until the morning, unless somebody says otherwise.
import { useState, type FormEvent } from "react";
import { send, type Duty, type PersonRef } from "@/api";
import { now } from "@/lib/clock";
import { ColleaguePicker } from "@/ui/colleague-picker";
import { Refusal } from "@/ui/status";
import { hoursOf, span, usualHours } from "./duty";
import { dutyPath, useDutyCandidates } from "./queries";
import { useText } from "./text";

interface Props { wardId: string; onDone: (state: Duty, said: string) => void }
export function DutyForm({ wardId, onDone }: Props) {
  const t = useText();
  const candidates = useDutyCandidates(wardId);
  const [chosen, setChosen] = useState<readonly PersonRef[]>([]);
  const [usual] = useState(() => usualHours(now()));
  const [from, setFrom] = useState(usual.from);
  const [until, setUntil] = useState(usual.until);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const [one] = chosen;
    if (!one) return setError(new Error(t("needDoctor")));
    // Hours that were offered and left alone begin when they are sent.
    const hours = hoursOf(from === usual.from ? usualHours(now()).from : from, until, now());
    if (typeof hours === "string") return setError(new Error(t(hours)));
    setBusy(true);
    setError(null);
    send<Duty>("POST", dutyPath(wardId), { user: one.id, ...hours })
      .then((state) => {
        setChosen([]);
        onDone(state, t("saidOn", { name: one.name, hours: span(hours) }));
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ColleaguePicker found={candidates} label={t("dutyMore")} one chosen={chosen} choose={(people) => { setChosen(people); setError(null); }} />
      <div className="formgrid">
        <label className="field w6"><span>{t("from")}</span><input type="text" name="from" autoComplete="off" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
        <label className="field w6"><span>{t("until")}</span><input type="text" name="until" autoComplete="off" value={until} onChange={(event) => setUntil(event.target.value)} /></label>
      </div>
      <Refusal error={error} />
      <div><button type="submit" className="btn p">{t("putOn")}</button></div>
    </form>
  );
}
