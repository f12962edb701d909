// Beside the sheet: what keeps it from being signed, who signed and who is still to sign, and the versions before.
import { Link } from "wouter";
import type { DocumentRef, FilledForm, FormSlot } from "@/api";
import { fullDateTime } from "@/lib/time";
import { SignatureLine } from "@/ui/signature";
import { Failure } from "@/ui/status";
import { Missing } from "./missing";
import { useVersions } from "./queries";
import { PatientLine } from "./patient-sign/patient-line";
import { useText as usePatientText } from "./patient-sign/text";
import { useText } from "./text";

function SlotState({ slot, standing }: { slot: FormSlot; standing: boolean }) {
  const t = useText();
  if (slot.signature) return <SignatureLine signature={slot.signature} />;
  if (slot.patient) return <PatientLine patient={slot.patient} />;
  return (
    <p className="row wrap">
      {slot.maySign && standing ? <span className="tag new">{t(slot.who === "department" ? "slotSeal" : "slotYours")}</span> : <span className="tag">{t(slot.who === "patient" ? "slotPaper" : slot.who === "department" ? "slotUnsealed" : "slotWaiting")}</span>}
      {standing && slot.needed !== "sign" && <span className="muted">{t(slot.needed === "close" ? "slotAtClose" : "slotOptional")}</span>}
    </p>
  );
}

function Versions({ encounterId, filled }: { encounterId: string; filled: FilledForm }) {
  const t = useText();
  const { id, version } = filled.entry;
  const found = useVersions(encounterId, id, version);
  const versions = [...(found.data ?? [])].sort((a, b) => b.version - a.version);
  return (
    <details className="sheetversions">
      <summary>{t("versions")} ({filled.entry.versions})</summary>
      {found.isError && <Failure title={t("sheetFailed")} error={found.error} />}
      <ol>
        {versions.map((one) => (
          <li key={one.version}>
            <b>{t("version", { n: one.version })}</b> {one.version === version && <span className="tag">{t("current")}</span>}
            <p className="muted">{t("byAt", { name: one.author.name, time: fullDateTime(one.recordedAt) })}</p>
            {one.reason && <p>{t("reason", { why: one.reason })}</p>}
            {one.signatures.map((signature) => <SignatureLine key={signature.id} signature={signature} />)}
            {one.pdfUrl && <a href={one.pdfUrl} target="_blank" rel="noreferrer">{t("openPdf")}</a>}
          </li>
        ))}
      </ol>
    </details>
  );
}

interface PanelProps { encounterId: string; filled: FilledForm; editHref: string; handOver: (slot: FormSlot) => void; onPaper: (slot: FormSlot) => void }
export function SignaturePanel({ encounterId, filled, editHref, handOver, onPaper }: PanelProps) {
  const t = useText();
  const p = usePatientText();
  const { entry, definition, missing, missingAtClose, mayEdit } = filled;
  const atClose = missingAtClose.filter((fault) => !missing.some((one) => one.place === fault.place));
  const standing = entry.state !== "withdrawn";
  return (
    <aside className="sheetside" aria-label={t("signatures")}>
      {standing && missing.length > 0 && <Missing definition={definition} title={t("missingToSign")} faults={missing} link={mayEdit ? (place) => `${editHref}#${place}` : null} loud />}
      <section>
        <h3>{t("signatures")}</h3>
        <ol className="slots">
          {entry.slots.map((slot) => <li key={slot.name}><b>{slot.label}</b><SlotState slot={slot} standing={standing} />{slot.mayWitness && standing && missing.length === 0 && <p className="row wrap"><button type="button" className="btn" onClick={() => handOver(slot)}>{p("hand")}</button><button type="button" className="btn quiet" onClick={() => onPaper(slot)}>{p("onPaper")}</button></p>}</li>)}
        </ol>
      </section>
      {standing && atClose.length > 0 && <Missing definition={definition} title={t("missingAtClose")} faults={atClose} link={mayEdit ? (place) => `${editHref}#${place}` : null} />}
      <Versions encounterId={encounterId} filled={filled} />
      {mayEdit && standing && missing.length > 0 && <Link className="btn" href={editHref}>{t("fill")}</Link>}
    </aside>
  );
}

export function DrawnPanel({ document }: { document: DocumentRef }) {
  const t = useText();
  return (
    <aside className="sheetside" aria-label={t("signatures")}>
      <section>
        <h3>{t("signatures")}</h3>
        {document.signatures.length === 0 && <p className="muted">{t("slotWaiting")}</p>}
        {document.signatures.map((signature) => <SignatureLine key={signature.id} signature={signature} />)}
      </section>
    </aside>
  );
}
