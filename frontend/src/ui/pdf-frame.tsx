// A PDF of the server in the page; in its place `children`, where the browser cannot show one.
import type { ReactNode } from "react";
import "./pdf-frame.css";

export function PdfFrame({ url, title, children }: { url: string; title: string; children: ReactNode }) {
  if (!navigator.pdfViewerEnabled) return children;
  // The viewer's own bar would cover a sixth of the sheet on a ward PC, and offers to print and to save.
  return <iframe className="pdfview" src={`${url}#toolbar=0&navpanes=0&view=FitH`} title={title} />;
}
