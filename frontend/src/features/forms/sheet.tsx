// One sheet of the record: its print, its signatures, and what this person may do with it.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { BASE, keys, type DocumentRef, type FilledForm, type FormSlot } from "@/api";
import { useHotkey } from "@/lib/hotkey";
import { fullDateTime } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { LateTag } from "@/ui/late-tag";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading } from "@/ui/status";
import { isSigned, mySlot } from "./model";
import { PaperSigning } from "./patient-sign/paper-signing";
import { PdfView } from "./pdf-view";
import { useFilled } from "./queries";
import { CameIn } from "./scans/came-in";
import { SignDialog } from "./sign-dialog";
import { DrawnPanel, SignaturePanel } from "./signature-panel";
import { StateMark } from "./state-mark";
import { useText as usePatientText } from "./patient-sign/text";
import { useText } from "./text";

const PatientSigning = lazy(() => import("./patient-sign/patient-signing").then((m) => ({ default: m.PatientSigning })));

function Head({ number, title, marks, lead, children }: { number: string; title: string; marks: ReactNode; lead: string; children?: ReactNode }) {
  return (
    <header className="sheethead">
      <div>
        <h2>{number && <span className="formnumber">{number}</span>} {title}</h2>
        <p className="row wrap">{marks}<span className="muted">{lead}</span></p>
      </div>
      <span className="grow" />
      <div className="actions">{children}</div>
    </header>
  );
}

export function DrawnSheet({ document }: { document: DocumentRef }) {
  const t = useText();
  return (
    <section className="card formsheet" aria-label={document.title}>
      <Head number="" title={document.title} marks={<StateMark state={document.state} />} lead={`${t("version", { n: document.version })} · ${t("byAt", { name: document.author.name, time: fullDateTime(document.createdAt) })}`}>
        {document.pdfUrl && <a className="btn" href={document.pdfUrl} target="_blank" rel="noreferrer"><Icon name="order" size={15} /> {t("openPdf")}</a>}
      </Head>
      <PdfView url={document.pdfUrl} title={document.title} draft={false} />
      <DrawnPanel document={document} />
    </section>
  );
}

type Doing = "sign" | "withdraw" | null;
interface Props { encounterId: string; id: string; editHref: string }

function Standing({ encounterId, filled, editHref }: Omit<Props, "id"> & { filled: FilledForm }) {
  const t = useText();
  const p = usePatientText();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<Doing>(null);
  const [ink, setInk] = useState<FormSlot | null>(null);
  const [handed, setHanded] = useState<FormSlot | null>(null);
  const { entry, missing, mayEdit } = filled;
  const mine = mySlot(entry);
  const draft = !isSigned(entry);
  const preview = `${BASE}/filled-forms/${entry.id}/preview`;
  const url = draft ? `${preview}?version=${entry.version}` : entry.pdfUrl ?? preview;
  const ready = mine !== undefined && missing.length === 0;
  const toHand = missing.length === 0 ? entry.slots.find((slot) => slot.mayWitness) : undefined;
  useHotkey("F9", () => setDoing("sign"), ready);
  const done = () => {
    setDoing(null);
    void cache.invalidateQueries({ queryKey: keys.formsToSign });
    void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) });
  };
  return (
    <section className="card formsheet" aria-label={entry.title}>
      <Head number={entry.number} title={entry.title} marks={<><StateMark state={entry.state} /><LateTag late={entry.late} /></>} lead={`${fullDateTime(entry.effectiveAt)} · ${entry.author.name} · ${t("version", { n: entry.version })}`}>
        {mayEdit && entry.state !== "withdrawn" && <button type="button" className="btn quiet danger" onClick={() => setDoing("withdraw")}>{t("withdraw")}</button>}
        <a className="btn" href={url} target="_blank" rel="noreferrer"><Icon name="order" size={15} /> {t(entry.state === "withdrawn" ? "openPrint" : draft ? "openDraft" : "openPdf")}</a>
        {mayEdit && entry.state !== "withdrawn" && <Link className={ready || !draft ? "btn" : "btn p"} href={editHref}><Icon name="pen" size={15} /> {t(draft ? "fill" : "amend")}</Link>}
        {toHand && !ready && <button type="button" className="btn p" onClick={() => setHanded(toHand)}><Icon name="pen" size={15} /> {p("hand")}</button>}
        {ready && <button type="button" className="btn p" onClick={() => setDoing("sign")}>{t(mine.who === "department" ? "seal" : "sign")} <kbd>F9</kbd></button>}
      </Head>
      {entry.state === "withdrawn" && <p className="sheetnote bad" role="note">{t("withdrawnFor", { why: entry.reason ?? "" })}</p>}
      {entry.state !== "withdrawn" && entry.reason && <p className="sheetnote" role="note">{t("reason", { why: entry.reason })}</p>}
      <CameIn encounterId={encounterId} filled={filled} />
      <PdfView url={url} title={entry.title} draft={draft} />
      <SignaturePanel encounterId={encounterId} filled={filled} editHref={editHref} handOver={setHanded} onPaper={setInk} />
      {ink && <PaperSigning encounterId={encounterId} filled={filled} slot={ink} onClose={() => setInk(null)} onSigned={() => setInk(null)} />}
      {handed && <Suspense><PatientSigning encounterId={encounterId} filled={filled} slot={handed} onClose={() => setHanded(null)} onSigned={() => setHanded(null)} /></Suspense>}
      {doing === "sign" && mine && <SignDialog encounterId={encounterId} filled={filled} slot={mine} onClose={() => setDoing(null)} onSigned={done} />}
      {doing === "withdraw" && (
        <ReasonDialog title={t("withdrawTitle", { title: entry.title })} lead={t("withdrawLead")} label={t("withdrawReason")} action={t("withdraw")} name="reason" missing={t("needReason")} dismiss="close"
          path={`/filled-forms/${entry.id}/withdraw`} body={{ version: entry.version }} onClose={() => setDoing(null)} onDone={done} />
      )}
    </section>
  );
}

export function Sheet({ encounterId, id, editHref }: Props) {
  const t = useText();
  const found = useFilled(encounterId, id);
  if (found.isPending) return <section className="card"><Loading /></section>;
  if (!found.data) return <section className="card"><Failure title={t("sheetFailed")} error={found.error} retry={() => void found.refetch()} /></section>;
  return <Standing encounterId={encounterId} filled={found.data} editHref={editHref} />;
}
