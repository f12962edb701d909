// Waiting to match: what a device sent and nobody could place. The list on the left, the message and the question
// «whose is it?» on the right. Nothing is dropped: a dismissed item keeps its bytes and its reason.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { get, keys, query, send, type Proposal, type WaitingItem } from "@/api";
import { useAtTime } from "@/lib/clock";
import { birthDate, clockTime, dateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { Matcher } from "./matcher";
import { RawDialog } from "./raw-dialog";
import { useText } from "./text";

function Age({ since }: { since: string }) {
  const t = useText();
  const minutes = useAtTime(useCallback((now) => Math.max(0, Math.floor((now - Date.parse(since)) / 60_000)), [since]));
  const tone = minutes >= 60 ? "tag late" : minutes >= 15 ? "tag warn" : "tag";
  return <span className={tone}>{minutes < 100 ? t("age", { n: minutes }) : t("ageHours", { n: Math.round(minutes / 60) })}</span>;
}

function Message({ item }: { item: WaitingItem }) {
  const t = useText();
  const sender = item.senderPatient;
  return (
    <>
      <h2>{item.reasonText}</h2>
      <dl className="facts">
        <div><dt>{t("device")}</dt><dd>{item.device}</dd></div>
        <div><dt>{t("sender")}</dt><dd>{sender ? [sender.name.replaceAll("^", " "), ...sender.ids, birthDate(sender.birthDate), sender.sex].filter(Boolean).join(" · ") : t("senderNone")}</dd></div>
        {item.specimen && <div><dt>{t("specimen")}</dt><dd>{item.specimen}</dd></div>}
        {item.location && <div><dt>{t("location")}</dt><dd>{item.location}</dd></div>}
        <div><dt>{t("effectiveAt")}</dt><dd>{item.effectiveAt ? dateTime(item.effectiveAt) : t("none")} {item.skewSeconds !== null && Math.abs(item.skewSeconds) > 120 && <span className="tag warn">{t("skew", { n: item.skewSeconds })}</span>}</dd></div>
      </dl>
      <table className="grid"><caption className="sr">{t("readings")}</caption><tbody>{item.readings.map((reading) => <tr key={reading.code}><th scope="row">{reading.name}</th><td className="num"><b>{reading.value}</b> <small>{reading.unit}</small></td></tr>)}</tbody></table>
    </>
  );
}

type State = "open" | "handled" | "set-aside";
const STATES = [["open", "open", "waitingEmpty"], ["handled", "handled", "handledEmpty"], ["set-aside", "setAside", "setAsideEmpty"]] as const;
/** What the server gives at once. */
const PAGE = 100;

export function WaitingPage() {
  const t = useText();
  const cache = useQueryClient();
  const [state, setState] = useState<State>("open");
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [doing, setDoing] = useState<"raw" | "dismiss" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const found = useInfiniteQuery({
    queryKey: keys.waiting(state),
    queryFn: ({ signal, pageParam }) => get<WaitingItem[]>(`/waiting${query({ state: state === "open" ? undefined : state, past: pageParam })}`, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.seq.toString()),
  });
  const items = found.data?.pages.flat() ?? [];
  const item = items.find((one) => one.id === chosenId) ?? items[0];
  const refresh = () => {
    setDoing(null);
    setError(null);
    void cache.invalidateQueries({ queryKey: ["waiting"] });
    void cache.invalidateQueries({ queryKey: ["board"] });
  };
  const undo = () => item && send("POST", `/waiting/${item.id}/undo`).then(refresh, setError);
  return (
    <>
      <div className="bar">
        <h1>{t("waitingTitle")}</h1>
        {STATES.map(([one, label]) => <button key={one} type="button" className="chip" aria-pressed={state === one} onClick={() => { setState(one); setChosenId(null); }}>{t(label)}{one === state && found.data && <b>{items.length}{found.hasNextPage && "+"}</b>}</button>)}
      </div>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && !item && <Empty title={t(STATES.find(([one]) => one === state)?.[2] ?? "waitingEmpty")} />}
      {item && (
        <div className="split">
          <section className="card" aria-label={t("waitingTitle")}>
            <ul className="picklist">
              {items.map((one) => (
                <li key={one.id}>
                  <button type="button" aria-current={one.id === item.id || undefined} onClick={() => setChosenId(one.id)}>
                    <b>{one.senderPatient?.name.replaceAll("^", " ") || one.device}</b>{one.times > 1 && <span className="tag" title={t("timesHint", { n: one.times })}>×{one.times}</span>}<Age since={one.receivedAt} />
                    <small>{t(one.kind === "lab" ? "kindLab" : "kindVitals")} · {one.device} · {t("receivedAt", { time: clockTime(one.receivedAt) })}</small>
                    <small>{one.reasonText}</small>
                  </button>
                </li>
              ))}
            </ul>
            {found.hasNextPage && <button type="button" className="btn small" aria-disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("more")}</button>}
          </section>
          <section className="card pane" aria-label={t("message")}>
            <Message item={item} />
            <div className="row wrap">
              <button type="button" className="btn small" onClick={() => setDoing("raw")}>{t("raw")}</button>
              {state === "open" && <button type="button" className="btn small danger" onClick={() => setDoing("dismiss")}>{t("dismiss")}</button>}
              {state === "handled" && <button type="button" className="btn small" onClick={undo}>{t("undo")}</button>}
            </div>
            <Refusal error={error} />
            {state === "open" && (
              <Matcher
                key={item.id} id={item.id} proposals={item.proposals}
                search={(q, signal) => send<Proposal[]>("POST", `/waiting/${item.id}/candidates`, { q }, { signal })}
                match={(proposal, confirmed) => send("POST", `/waiting/${item.id}/match`, { encounterId: proposal.encounterId, ...(proposal.orderId && { orderId: proposal.orderId }), confirmed }).then(refresh)}
              />
            )}
          </section>
          {doing === "raw" && <RawDialog id={item.id} onClose={() => setDoing(null)} />}
          {doing === "dismiss" && <ReasonDialog title={t("dismiss")} lead={t("dismissLead")} label={t("dismissReason")} action={t("dismiss")} name="dismiss-reason" missing={t("needReason")} path={`/waiting/${item.id}/dismiss`} onClose={() => setDoing(null)} onDone={refresh} />}
        </div>
      )}
    </>
  );
}
