// One record that may be read: its sheets on the left, the one in hand on the right. Which it is stands in the address, so
// that it is there again behind a lock.
import { useEffect, useState } from "react";
import { Link, Redirect, useLocation } from "wouter";
import type { ReadingGrant } from "@/api";
import "@/ui/page.css";
import { PdfFrame } from "@/ui/pdf-frame";
import { Empty, Failure, Loading } from "@/ui/status";
import { Ended } from "./ended";
import { hasEnded, paperOf, useGrants, useSheets } from "./queries";
import { SheetList } from "./sheet-list";
import { useText } from "./text";
import { Until, useTimeLeft } from "./until";

function Facts({ grant }: { grant: ReadingGrant }) {
  const t = useText();
  return (
    <div className="pane">
      <dl className="facts">
        <div><dt>{t("number")}</dt><dd>{grant.number} · {t(grant.extent)}</dd></div>
        <div><dt>{t("purpose")}</dt><dd>{grant.purpose}</dd></div>
        <div><dt>{t("until")}</dt><dd><Until until={grant.until} /></dd></div>
      </dl>
      <p className="muted">{t("noted")} {t("copying")}</p>
    </div>
  );
}

function Reading({ grant, documentId, others }: { grant: ReadingGrant; documentId: string | undefined; others: boolean }) {
  const t = useText();
  const [, go] = useLocation();
  const { requestId } = grant;
  const found = useSheets(requestId);
  const [said, setSaid] = useState("");
  const over = useTimeLeft(grant.until).state === "over";
  if (over || hasEnded(found.error)) return <Ended />;
  const sheets = found.data;
  const sheet = sheets?.find((one) => one.documentId === documentId);
  // A frame cannot say why it stays empty: whether it may still be read is asked first.
  const open = async ({ documentId: id, title }: { documentId: string; title: string }) => {
    if ((await found.refetch()).isError) return;
    setSaid(t("opened", { title }));
    go(`/reading/${requestId}/${id}`);
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1><b>{grant.patientName}</b><span className="muted">{grant.stayNumber}</span>
        <span className="sr" role="status">{said}</span><span className="grow" />
        {others && <Link className="btn small" href="/">{t("others")}</Link>}
      </div>
      <div className="split">
        <div className="card">
          <Facts grant={grant} />
          {found.isPending && <Loading />}
          {found.isError && <Failure title={t("sheetsFailed")} error={found.error} retry={() => void found.refetch()} />}
          {sheets?.length === 0 && <Empty title={t("noSheets")} />}
          {sheets && sheets.length > 0 && <SheetList sheets={sheets} current={sheet?.documentId} open={(one) => void open(one)} />}
        </div>
        <div className="card">
          {!sheet && <Empty title={t("choose")} />}
          {sheet && <PdfFrame key={sheet.documentId} url={paperOf(requestId, sheet.documentId)} title={t("paperOf", { title: sheet.title })}><p className="status">{t("noViewer")}</p></PdfFrame>}
        </div>
      </div>
    </>
  );
}

export function GrantPage({ requestId, documentId }: { requestId: string; documentId: string | undefined }) {
  const t = useText();
  const found = useGrants();
  const grant = found.data?.find((one) => one.requestId === requestId);
  const [seen, see] = useState(false);
  useEffect(() => {
    if (grant) see(true);
  }, [grant]);
  if (found.isPending) return <Loading />;
  if (!found.data) return <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />;
  if (grant) return <Reading grant={grant} documentId={documentId} others={found.data.length > 1} />;
  // An address that somebody else left behind is no end of one's own.
  return seen ? <Ended /> : <Redirect to="/" replace />;
}
