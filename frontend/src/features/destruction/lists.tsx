// «Danh mục tiêu hủy»: every list, the newest first.
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { get, keys, type DestructionList } from "@/api";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import "@/ui/page.css";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import "./destruction.css";
import { STATE } from "./states";
import { useText } from "./text";

function Row({ list }: { list: DestructionList }) {
  const t = useText();
  return (
    <tr>
      <td><b>{list.number}</b></td>
      <td className="words">{list.decision}</td>
      <td className="num">{list.size}</td>
      <td>{list.proposed.by.name}<small>{fullDateTime(list.proposed.at)}</small></td>
      <td><span className={STATE[list.state]}>{list.stateText}</span></td>
      <td><div className="row end"><Link className={list.mayApprove || list.mayBegin ? "btn small p" : "btn small"} href={`/archive/lists/${list.id}`} aria-label={`${t("open")} ${list.number}`}>{t("open")}</Link></div></td>
    </tr>
  );
}

export function ListsPart() {
  const t = useText();
  const prepares = useSession().session.user.role === "record-room";
  const found = useQuery({ queryKey: keys.destructions, queryFn: ({ signal }) => get<DestructionList[]>("/destruction-lists", signal), staleTime: 0, refetchInterval: 30_000 });
  return (
    <>
      <p className="muted lead">{t("listsLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("listsFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t(prepares ? "listsNoneRoom" : "listsNone")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("listsTitle")}>
          <table className="grid linesgrid">
            <thead><tr><th scope="col">{t("listNumber")}</th><th scope="col">{t("decisionShort")}</th><th scope="col" className="num">{t("records")}</th><th scope="col">{t("proposedBy")}</th><th scope="col">{t("standing")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>{found.data.map((list) => <Row key={list.id} list={list} />)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}
