// One act of the trail: who, what, to whom, from where; what else is known of it opens below.
import { useState } from "react";
import type { AuditRow } from "@/api";
import { fullDateTime } from "@/lib/time";
import type { Of } from "./filter";
import { useText, wordOf } from "./text";

/** The act's own facts, of the hashed body: plain names and values, as the program wrote them. */
function factsOf(body: string): [string, string][] {
  try {
    const { detail } = JSON.parse(body) as { detail?: unknown };
    if (typeof detail !== "object" || detail === null) return [];
    return Object.entries(detail).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  } catch {
    return [["", body]];
  }
}

export function Row({ row, onPatient, onPerson }: { row: AuditRow; onPatient: (of: Of) => void; onPerson: (of: Of) => void }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const { actor, patient } = row;
  const facts = open ? factsOf(row.detail) : [];
  return (
    <>
      <tr>
        <td className="when">{fullDateTime(row.at)}</td>
        <td>{actor ? <button type="button" className="narrow" title={t("onlyPerson")} onClick={() => onPerson(actor)}>{actor.name}</button> : <span className="muted">{t("program")}</span>}</td>
        <td><b>{wordOf(t, "act", row.action)}</b> {wordOf(t, "kind", row.subjectKind)}</td>
        <td>{patient && <><button type="button" className="narrow" title={t("onlyPatient")} onClick={() => onPatient(patient)}>{patient.name}</button> <small>{patient.code}</small></>}</td>
        <td>{row.source}</td>
        <td><button type="button" className="btn small" aria-expanded={open} onClick={() => setOpen((was) => !was)}>{t("detail")}</button></td>
      </tr>
      {open && (
        <tr className="audit-detail">
          <td colSpan={6}>
            <dl>
              {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
              <div><dt>{row.subjectKind}</dt><dd>{row.subjectId || t("none")}</dd></div>
              <div><dt>{t("row", { seq: row.seq, chain: row.chain })}</dt></div>
            </dl>
          </td>
        </tr>
      )}
    </>
  );
}
