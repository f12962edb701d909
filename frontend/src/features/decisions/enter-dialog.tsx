// A decision that was signed on paper is written down: what it is about, its number and date, from when on.
import { useState, type SyntheticEvent } from "react";
import { send, type HouseDecisionKind, type HouseDecisionName, type HouseDecisions } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

/** The beginning of that day in Vietnam. */
const beginOf = (day: string) => new Date(`${day}T00:00:00+07:00`).toISOString();

interface Props { kinds: readonly HouseDecisionKind[]; onClose: () => void; onDone: () => void }
export function EnterDialog({ kinds, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [kind, setKind] = useState<HouseDecisionName>(kinds.find((one) => !one.stands)?.kind ?? "paperless");
  const [decision, setDecision] = useState("");
  const [day, setDay] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const words = decision.trim().normalize("NFC");
    if (words.length < 5) return setError(new Error(t("needDecision")));
    if (!day) return setError(new Error(t("needFrom")));
    void send<HouseDecisions>("POST", "/house-decisions", { kind, decision: words, from: beginOf(day) }).then(onDone, setError);
  };
  return (
    <Dialog title={t("enter")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("kind")}</span>
          <select className="box" name="kind" value={kind} onChange={(event) => setKind(event.target.value as HouseDecisionName)}>{kinds.map((one) => <option key={one.kind} value={one.kind}>{one.text}</option>)}</select>
        </label>
        <label className="field"><span>{t("decisionLabel")}</span><input type="text" name="decision" value={decision} maxLength={200} onChange={(event) => setDecision(event.target.value)} /><small>{t("decisionHint")}</small></label>
        <label className="field"><span>{t("from")}</span><input type="date" name="from" value={day} onChange={(event) => setDay(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("enter")}</button></div>
      </form>
    </Dialog>
  );
}
