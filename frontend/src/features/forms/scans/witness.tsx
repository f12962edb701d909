// The witness sees scan and sheet side by side, says where the paper lies and who signed it, and links it with a PIN. Where no
// code was read on the scan, the one that stands on the paper is typed: nobody links by choice alone.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { BASE, get, keys, send, type Encounter, type FilledForm, type PaperScan, type PrintedSheet } from "@/api";
import { Dialog } from "@/ui/dialog";
import { PinDialog } from "@/ui/pin-dialog";
import { PdfView } from "../pdf-view";
import { WhoSigns, type Representative } from "../patient-sign/who";
import { Pictures } from "./pictures";
import "./scans.css";
import { useText } from "./text";

interface Said { keptAt: string; code: string | null }
interface LookProps { scan: PaperScan; sheet: PrintedSheet; given: Said; onClose: () => void; onReady: (said: Said) => void }
function Look({ scan, sheet, given, onClose, onReady }: LookProps) {
  const t = useText();
  const [place, setPlace] = useState(given.keptAt);
  const [code, setCode] = useState(given.code ?? "");
  const [tried, setTried] = useState(false);
  const placeGap = place.trim().length < 2;
  const codeGap = scan.mayBeLinked && code.replace(/[\s-]/g, "").length !== 8;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setTried(true);
    if (!placeGap && !codeGap) onReady({ keptAt: place.trim().normalize("NFC"), code: scan.mayBeLinked ? code.trim() : null });
  };
  return (
    <Dialog title={t("lookTitle", { slot: sheet.slotLabel })} onClose={onClose} wide>
      <p><b>{sheet.patientName}</b> · {sheet.patientCode} · {sheet.title} · {t("lookLead")}</p>
      {scan.missingPages.length > 0 && <p className="tag warn" role="note">{t("missingPages", { pages: scan.missingPages.join(", ") })}</p>}
      <div className="scanbeside">
        <section aria-label={t("theScan")}><h3>{t("theScan")}</h3><Pictures scan={scan} /></section>
        <section aria-label={t("theSheet")}><h3>{t("theSheet")}</h3><PdfView url={`${BASE}/filled-forms/${sheet.documentId}/preview?version=${sheet.version}`} title={sheet.title} draft={false} /></section>
      </div>
      <form className="stack" onSubmit={submit} noValidate>
        {scan.mayBeLinked && <label className="field"><span>{t("typeCode")}</span><input type="text" name="paperCode" autoComplete="off" value={code} aria-invalid={tried && codeGap ? true : undefined} aria-describedby="scan-code" onChange={(event) => setCode(event.target.value.toUpperCase())} /><small id="scan-code" className={tried && codeGap ? "wrong" : undefined}>{t(tried && codeGap ? "needCode" : "codeHint")}</small></label>}
        <label className="field"><span>{t("keptAt")}</span><input type="text" name="keptAt" autoComplete="off" value={place} aria-invalid={tried && placeGap ? true : undefined} aria-describedby="scan-place" onChange={(event) => setPlace(event.target.value)} /><small id="scan-place" className={tried && placeGap ? "wrong" : undefined}>{t(tried && placeGap ? "needPlace" : "keptHint")}</small></label>
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{t("cancel")}</button><button type="submit" className="btn p">{t("goOn")}</button></div>
      </form>
    </Dialog>
  );
}

interface Props { scan: PaperScan; sheet: PrintedSheet; code: string | null; onClose: () => void; onLinked: (sheet: PrintedSheet) => void }
export function Witness({ scan, sheet, code, onClose, onLinked }: Props) {
  const t = useText();
  const cache = useQueryClient();
  const stay = useQuery({ queryKey: keys.encounter(sheet.encounterId), queryFn: ({ signal }) => get<Encounter>(`/encounters/${sheet.encounterId}`, signal) });
  const [stage, setStage] = useState<"look" | "who" | "witness">("look");
  const [said, setSaid] = useState<Said>({ keptAt: "", code });
  const [by, setBy] = useState<Representative | null>(null);
  if (!stay.data) return null;
  if (stage === "look") return <Look scan={scan} sheet={sheet} given={said} onClose={onClose} onReady={(next) => (setSaid(next), setStage("who"))} />;
  if (stage === "who") return <WhoSigns slot={sheet.slotLabel} lead={t("whoLead")} action={t("goOn")} patient={stay.data.patient} given={by} onClose={() => setStage("look")} onReady={(next) => (setBy(next), setStage("witness"))} />;
  const name = by?.name ?? sheet.patientName;
  const link = async (pin: string) => {
    const body = { documentId: sheet.documentId, version: sheet.version, slot: sheet.slot, representative: by, ...said, pin };
    const signed = await send<FilledForm>("POST", `/paper-scans/${scan.id}/link`, body);
    cache.setQueryData(keys.filled(sheet.encounterId, sheet.documentId), signed);
    void cache.invalidateQueries({ queryKey: keys.encounter(sheet.encounterId) });
    void cache.invalidateQueries({ queryKey: keys.paperScans });
    onLinked(sheet);
  };
  return (
    <PinDialog title={t("confirmTitle", { name })} action={t("confirm")} sign={link} onClose={() => setStage("who")} wide>
      <p>{t("confirmLead", { title: sheet.title, n: sheet.version, name, place: said.keptAt })}</p>
    </PinDialog>
  );
}
