import { useInfiniteQuery } from "@tanstack/react-query";
import { get, keys, query, type AuditRow } from "@/api";
import { fullDateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/page.css";
import "@/ui/table.css";
import { useText } from "./text";

const PAGE = 100;

export function AuditPage() {
  const t = useText();
  const found = useInfiniteQuery({
    queryKey: keys.audit,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => get<AuditRow[]>(`/audit${query({ limit: PAGE, before: pageParam })}`, signal),
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.at),
  });
  const rows = found.data?.pages.flat() ?? [];
  return (
    <>
      <div className="bar"><h1>{t("auditTitle")}</h1></div>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && <Empty title={t("auditEmpty")} />}
      {rows.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("auditTitle")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("at")}</th><th scope="col">{t("actor")}</th><th scope="col">{t("source")}</th><th scope="col">{t("action")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("detail")}</th><th scope="col" className="num">{t("chain")}</th></tr></thead>
            <tbody>{rows.map((row) => <tr key={`${row.chain}-${row.seq}`}><td>{fullDateTime(row.at)}</td><td>{row.actor}</td><td>{row.source}</td><td>{row.action} <small>{row.subject}</small></td><td>{row.patientCode}</td><td>{row.detail}</td><td className="num"><small>{row.chain} · {row.seq}</small></td></tr>)}</tbody>
          </table>
          {found.hasNextPage && <p className="status"><button type="button" className="btn" onClick={() => void found.fetchNextPage()}>{t("older")}</button></p>}
        </div>
      )}
    </>
  );
}
