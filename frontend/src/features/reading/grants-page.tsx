// «Hồ sơ được đọc»: what the reader may open now. One alone is opened at once.
import { Link, Redirect } from "wouter";
import type { ReadingGrant } from "@/api";
import "@/ui/page.css";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { useGrants } from "./queries";
import { useText } from "./text";
import { Until } from "./until";

function Row({ grant }: { grant: ReadingGrant }) {
  const t = useText();
  return (
    <tr>
      <td><b>{grant.number}</b></td>
      <td><b>{grant.patientName}</b> <small>{grant.stayNumber}</small></td>
      <td>{t(grant.extent)}</td>
      <td>{grant.purpose}</td>
      <td><Until until={grant.until} /></td>
      <td className="num"><Link className="btn small p" aria-label={t("openOf", { name: grant.patientName })} href={`/reading/${grant.requestId}`}>{t("open")}</Link></td>
    </tr>
  );
}

export function GrantsPage() {
  const t = useText();
  const found = useGrants();
  const [only, ...more] = found.data ?? [];
  if (only && more.length === 0) return <Redirect to={`/reading/${only.requestId}`} replace />;
  return (
    <>
      <div className="bar"><h1>{t("title")}</h1></div>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data && !only && <Empty title={t("none")}><p>{t("noneHint")}</p></Empty>}
      {found.data && only && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("number")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("extent")}</th><th scope="col">{t("purpose")}</th><th scope="col">{t("until")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>{found.data.map((grant) => <Row key={grant.requestId} grant={grant} />)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}
