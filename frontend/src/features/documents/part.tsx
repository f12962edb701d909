// Sheets of the record with their PDF, as the server made and signed it, and the state of every signature.
import { useQuery } from "@tanstack/react-query";
import { get, keys, type DocumentRef, type Encounter } from "@/api";
import { useChartText } from "@/i18n/chart";
import { fullDateTime } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { SignatureLine } from "@/ui/signature";
import { Empty, Failure, Loading } from "@/ui/status";
import "./documents.css";

export function DocumentsPart({ encounter }: { encounter: Encounter }) {
  const t = useChartText();
  const found = useQuery({ queryKey: keys.chart(encounter.id, "documents"), queryFn: ({ signal }) => get<DocumentRef[]>(`/encounters/${encounter.id}/documents`, signal) });
  if (found.isPending) return <section className="card"><Loading /></section>;
  if (found.isError) return <section className="card"><Failure title={t("partFailed")} error={found.error} retry={() => void found.refetch()} /></section>;
  if (found.data.length === 0) return <section className="card"><Empty title={t("documentsEmpty")} /></section>;
  return (
    <section className="card documents" aria-label={t("documents")}>
      {found.data.map((document) => (
        <article key={document.id}>
          <div>
            <h2>{document.title}</h2>
            <p className="muted">{t("version", { n: document.version })} · {document.author.name} · {fullDateTime(document.createdAt)}</p>
            <p className="row">
              <span className={document.state === "signed" ? "tag good" : "tag"}>{t(document.state === "signed" ? "signed" : "draft")}</span>
              {document.pdfUrl && <a className="btn small" href={document.pdfUrl} target="_blank" rel="noreferrer"><Icon name="order" size={15} /> {t("openPdf")}</a>}
            </p>
          </div>
          <div className="stack tight">
            <h3>{t("signatures")}</h3>
            {document.signatures.length === 0 && <p className="muted">{t("noSignature")}</p>}
            {document.signatures.map((signature) => <SignatureLine key={signature.id} signature={signature} />)}
          </div>
        </article>
      ))}
    </section>
  );
}
