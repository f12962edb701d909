// What gateways and bridges hold for a person. They are asked for nothing: they report, and hear what was decided with
// the answer; until then a line says what is under way.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { get, keys, send, type Attention, type AttentionCount, type AttentionEdge } from "@/api";
import { setServerNow } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/page.css";
import "@/ui/table.css";
import "./attention.css";
import { Edges } from "./edges";
import { ItemRow, type Decide } from "./item-row";
import { KitsNote } from "./kits-note";
import { useText } from "./text";
import { WaitingReports } from "./waiting-reports";

/** As the server counts for the badge: what nobody has decided on, and who is silent. */
function openIn({ edges, items }: Attention): number {
  const beyond = edges.reduce((sum, edge) => sum + edge.total - edge.listed, 0);
  return items.filter((item) => item.doing === null).length + beyond + edges.filter((edge) => edge.silent).length;
}
const isBusy = (list: Attention | undefined) => list?.items.some((item) => item.doing !== null) ?? false;

/** A line that leaves takes the focus along: the list gets it, so that the next Tab goes on from here. */
function useKeptFocus(list: Attention | undefined) {
  const region = useRef<HTMLDivElement>(null);
  const within = useRef(false);
  useEffect(() => {
    const note = () => {
      if (document.activeElement !== document.body) within.current = region.current?.contains(document.activeElement) ?? false;
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);
  useEffect(() => {
    if (within.current && document.activeElement === document.body) (region.current ?? document.getElementById("main"))?.focus();
  }, [list]);
  return region;
}

export function AttentionPage() {
  const t = useText();
  const cache = useQueryClient();
  const mayDecide = useSession().session.user.role === "administrator";
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const found = useQuery({
    queryKey: keys.attention,
    queryFn: async ({ signal }) => {
      const list = await get<Attention>("/attention", signal);
      setServerNow(list.now);
      cache.setQueryData<AttentionCount>(keys.attentionCount, { open: openIn(list) });
      return list;
    },
    refetchInterval: ({ state }) => (isBusy(state.data) ? 2_000 : 10_000),
  });
  const list = found.data;
  const region = useKeptFocus(list);
  const tell = (path: string, body: object, words: string) => {
    setError(null);
    send("POST", `/attention/${path}`, body).then(() => setSaid(words), setError).finally(() => void cache.invalidateQueries({ queryKey: keys.attention }));
  };
  const decide: Decide = (what, { edge, key }) => {
    if (what === "undo") tell("undo", { edge, key }, t("saidUndo"));
    else tell("decide", { edge, key, choice: what }, t(what === "again" ? "saidAgain" : "saidSeen"));
  };
  const forget = ({ edge, name }: AttentionEdge) => tell("forget", { edge }, t("forgotten", { name }));
  const nameOf = (edge: string) => {
    const one = list?.edges.find((known) => known.edge === edge);
    return one ? `${t(one.kind)} ${one.name}` : edge;
  };
  return (
    <>
      <div className="bar"><h1>{t("title")}</h1><span className="muted" role="status">{said}</span></div>
      <Refusal error={error} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {mayDecide && <KitsNote />}
      {mayDecide && <WaitingReports />}
      {list && list.edges.length > 0 && <Edges edges={list.edges} now={list.now} forget={mayDecide ? forget : null} />}
      {list?.items.length === 0 && <Empty title={t(list.edges.length === 0 ? "nobody" : "allWell")} />}
      {list && list.items.length > 0 && (
        <>
          {!mayDecide && <p className="muted lead">{t("readOnly")}</p>}
          {/* Scrolls, so it must take the keyboard's focus. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div className="card tablecard attention" tabIndex={0} role="region" aria-label={t("title")} ref={region}>
            <table className="grid">
              <thead><tr><th scope="col">{t("when")}</th><th scope="col">{t("from")}</th><th scope="col">{t("what")}</th><th scope="col"><span className="sr">{t("act")}</span></th></tr></thead>
              <tbody>{list.items.map((item) => <ItemRow key={`${item.edge} ${item.key}`} item={item} where={nameOf(item.edge)} decide={mayDecide ? decide : null} />)}</tbody>
            </table>
          </div>
          {list.edges.filter((edge) => edge.total > edge.listed).map((edge) => <p key={edge.edge} className="muted lead">{t("older", { n: edge.total - edge.listed, name: edge.name })}</p>)}
        </>
      )}
    </>
  );
}
