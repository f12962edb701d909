// Who asks for a record: the record room takes a request in, the head of the hospital decides, and each thing that is given
// out stands on it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, query, type RecordRequest } from "@/api";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import "@/ui/forms.css";
import "@/ui/page.css";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { DecideDialog } from "./decide-dialog";
import { OneRequest } from "./one-request";
import { ReceiveDialog } from "./receive-dialog";
import "./requests.css";
import { useText } from "./text";

const LISTS = ["open", "ended"] as const;
const NONE = { open: "noneOpen", ended: "noneEnded" } as const;
const TAG = { received: "tag new", granted: "tag good", refused: "tag bad", withdrawn: "tag", done: "tag good" } as const;
type Doing = { what: "receive" } | { what: "decide" | "look"; request: RecordRequest };

function Wish({ request }: { request: RecordRequest }) {
  const t = useText();
  return <><b>{t(request.extent)}</b> <small>{request.extent === "record" && t(request.copy ? "withCopy" : "readOnly")}</small><small className="purpose">{request.purpose}</small></>;
}

interface RowProps { request: RecordRequest; start: (doing: Doing) => void }
function Row({ request, start }: RowProps) {
  const t = useText();
  const due = request.state === "received" ? t("answerBy", { time: fullDateTime(request.answerBy) }) : request.state === "granted" && request.provideBy ? t("provideBy", { time: fullDateTime(request.provideBy) }) : null;
  return (
    <tr>
      <td><b>{request.number}</b></td>
      <td className="when">{fullDateTime(request.receivedAt)}{due && <small>{due}</small>}</td>
      <td><b>{request.patientName}</b><small>{request.stayNumber}</small></td>
      <td className="what"><b>{request.name}</b><small>{request.requesterText}{request.organisation && `, ${request.organisation}`}</small></td>
      <td className="what"><Wish request={request} /></td>
      <td><span className={TAG[request.state]}>{request.stateText}</span>{request.overdue && <> <span className="tag late">{t("overdue")}</span></>}</td>
      <td>
        <div className="row">
          {request.mayDecide && <button type="button" className="btn small p" aria-label={`${t("decide")} ${request.number}`} onClick={() => start({ what: "decide", request })}>{t("decide")}</button>}
          <button type="button" className="btn small" aria-label={`${t("look")} ${request.number}`} onClick={() => start({ what: "look", request })}>{t("look")}</button>
        </div>
      </td>
    </tr>
  );
}

export function RequestsPage() {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [list, setList] = useState<(typeof LISTS)[number]>("open");
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.requests(list), queryFn: ({ signal }) => get<RecordRequest[]>(`/record-requests${query({ list })}`, signal), staleTime: 0 });
  const changed = (words: string) => {
    setSaid(words);
    void cache.invalidateQueries({ queryKey: ["record-requests"] });
  };
  const done = (words: string) => {
    setDoing(null);
    changed(words);
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>
        {LISTS.map((one) => <button key={one} type="button" className="chip" aria-pressed={list === one} onClick={() => setList(one)}>{t(one)}</button>)}
        <span className="muted" role="status">{said}</span><span className="grow" />
        {role === "record-room" && <button type="button" className="btn p" onClick={() => setDoing({ what: "receive" })}>{t("receive")}</button>}
      </div>
      <p className="muted requests-lead">{t("lead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t(NONE[list])} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard requests" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("number")}</th><th scope="col">{t("received")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("who")}</th><th scope="col">{t("wants")}</th><th scope="col">{t("state")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>{found.data.map((request) => <Row key={request.id} request={request} start={setDoing} />)}</tbody>
          </table>
        </div>
      )}
      {doing?.what === "receive" && <ReceiveDialog onClose={() => setDoing(null)} onDone={(number) => done(t("saidReceived", { number }))} />}
      {doing?.what === "decide" && <DecideDialog request={doing.request} onClose={() => setDoing(null)} onDone={() => done(t("saidDecided"))} />}
      {doing?.what === "look" && <OneRequest id={doing.request.id} number={doing.request.number} onClose={() => setDoing(null)} onChanged={changed} />}
    </>
  );
}
