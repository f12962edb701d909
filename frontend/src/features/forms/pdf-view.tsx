// The printed sheet, in the page where the browser can show a PDF, and as a link always.
import { PdfFrame } from "@/ui/pdf-frame";
import { useText } from "./text";

export function PdfView({ url, title, draft }: { url: string | null; title: string; draft: boolean }) {
  const t = useText();
  if (!url) return <p className="pdfnone muted">{t("notPrinted")}</p>;
  return (
    <PdfFrame url={url} title={t("pdfOf", { title })}>
      <div className="pdfnone">
        <p className="muted">{t("noViewer")}</p>
        <a className="btn" href={url} target="_blank" rel="noreferrer">{t(draft ? "openDraft" : "openPdf")}</a>
      </div>
    </PdfFrame>
  );
}
