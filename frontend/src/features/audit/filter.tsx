// What the reader of the trail asks for: whose chart, who, which act, which days.
import { useState, type FormEvent } from "react";
import { useSession } from "@/lib/session";
import { birthDate, parseDate, startOfDay } from "@/lib/time";
import { PatientFinder } from "@/ui/patient-finder";
import { Refusal } from "@/ui/status";
import { ACTS, useText, wordOf } from "./text";

/** `name` is for the chip alone. */
export interface Of { id: string; name: string }
export interface Wanted { patient?: Of; person?: Of; act?: string; from?: string; until?: string }

const DAY = 86_400_000;
/** Midnight in Vietnam of a typed day, or of the day after it; nothing typed is no limit. */
function midnight(typed: string, after: number): string | null | undefined {
  if (!typed.trim()) return undefined;
  const date = parseDate(typed);
  return date && new Date(startOfDay(Date.parse(`${date}T12:00:00Z`)) + after).toISOString();
}

export function Filter({ wanted, ask }: { wanted: Wanted; ask: (wanted: Wanted) => void }) {
  const t = useText();
  // The administrator keeps accounts and sees no patient.
  const sees = useSession().session.user.role === "auditor";
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [begin, end] = [midnight(from, 0), midnight(to, DAY)];
    if (begin === null || end === null || (begin && end && begin >= end)) return setError(new Error(t("dateWrong")));
    setError(null);
    ask({ ...wanted, from: begin, until: end });
  };
  const chips = ([["patient", "ofPatient"], ["person", "ofPerson"]] as const).flatMap(([part, text]) => {
    const of = wanted[part];
    return of ? [{ part, label: t(text, { name: of.name }) }] : [];
  });
  return (
    <form className="audit-filter" onSubmit={submit} noValidate>
      {sees && <PatientFinder label={t("findPatient")} choose={({ id, name }) => ask({ ...wanted, patient: { id, name } })} />}
      <label className="field"><span>{t("act")}</span>
        <select className="box" value={wanted.act ?? ""} onChange={(event) => ask({ ...wanted, act: event.target.value || undefined })}>
          <option value="">{t("anyAct")}</option>
          {ACTS.map((act) => <option key={act} value={act}>{wordOf(t, "act", act)}</option>)}
        </select>
      </label>
      <label className="field"><span>{t("from")}</span><input type="text" name="audit-from" autoComplete="off" value={from} onChange={(event) => setFrom(event.target.value)} onBlur={() => setFrom((was) => birthDate(parseDate(was)) || was)} /></label>
      <label className="field"><span>{t("to")}</span><input type="text" name="audit-to" autoComplete="off" value={to} onChange={(event) => setTo(event.target.value)} onBlur={() => setTo((was) => birthDate(parseDate(was)) || was)} /></label>
      <button type="submit" className="btn p">{t("show")}</button>
      {chips.map(({ part, label }) => (
        <button key={part} type="button" className="chip" aria-pressed title={t("drop", { what: label })} aria-label={t("drop", { what: label })} onClick={() => ask({ ...wanted, [part]: undefined })}>{label} <b aria-hidden="true">×</b></button>
      ))}
      <Refusal error={error} />
    </form>
  );
}
