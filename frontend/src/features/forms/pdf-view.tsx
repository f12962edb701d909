// The printed sheet, in the page where the browser can show a PDF, and as a link always.
import { useText } from "./text";

export function PdfView({ url, title, draft }: { url: string | null; title: string; draft: boolean }) {
  const t = useText();
  if (!url) return <p className="pdfnone muted">{t("notPrinted")}</p>;
  if (!navigator.pdfViewerEnabled) {
    return (
      <div className="pdfnone">
        <p className="muted">{t("noViewer")}</p>
        <a className="btn" href={url} target="_blank" rel="noreferrer">{t(draft ? "openDraft" : "openPdf")}</a>
      </div>
    );
  }
  // The viewer's own bar would cover a sixth of the sheet on a ward PC.
  return <iframe className="pdfview" src={`${url}#toolbar=0&navpanes=0&view=FitH`} title={t("pdfOf", { title })} />;
}
