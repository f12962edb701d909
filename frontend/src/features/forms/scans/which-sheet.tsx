// No code was read: the sheet is found by the one on the paper, or among the prints that have not come back; the witness types the
// code in either case.
import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { get, keys, query, type PaperScan, type PrintedSheet } from "@/api";
import { birthDate, fullDateTime } from "@/lib/time";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { scan: PaperScan; choose: (sheet: PrintedSheet, code: string | null) => void }
export function WhichSheet({ scan, choose }: Props) {
  const t = useText();
  const [typed, setTyped] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const found = useQuery({ queryKey: [...keys.paperScans, scan.id, "proposals", code], queryFn: ({ signal }) => get<PrintedSheet[]>(`/paper-scans/${scan.id}/proposals${query({ code: code ?? undefined })}`, signal), retry: false });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setCode(typed.trim() || null);
  };
  return (
    <section className="stack" aria-label={t("whichSheet")}>
      <h2>{t("whichSheet")}</h2>
      <form className="row wrap" onSubmit={submit} noValidate>
        <label className="field"><span>{t("typeCode")}</span><input type="text" name="code" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value.toUpperCase())} /><small>{t("typeHint")}</small></label>
        <button type="submit" className="btn">{t("find")}</button>
      </form>
      <Refusal error={found.error} />
      {!code && <h3>{t("printsOut")}</h3>}
      <ul className="candidates">
        {found.data?.map((sheet) => (
          <li key={`${sheet.documentId}-${sheet.version}-${sheet.slot}`} className="candidate scanprint">
            <span><b>{sheet.patientName}</b> · {birthDate(sheet.birthDate)} · {sheet.patientCode}<br />{sheet.title} · {sheet.slotLabel}<br /><small className="muted">{sheet.ward.name} · {t("printed")} {fullDateTime(sheet.printedAt)}, {sheet.printedBy.name}</small></span>
            <span className="why">{sheet.why.map((why) => <span key={why} className="tag">{why}</span>)}{sheet.blocked && <span className="tag warn">{sheet.blocked}</span>}</span>
            {sheet.mayWitness && <button type="button" className="btn small p" aria-label={`${t("lookAndConfirm")} ${sheet.title} ${sheet.patientName}`} onClick={() => choose(sheet, code)}>{t("lookAndConfirm")}</button>}
          </li>
        ))}
      </ul>
      {found.data?.length === 0 && <p className="muted">{t(code ? "noSuchCode" : "noPrints")}</p>}
    </section>
  );
}
