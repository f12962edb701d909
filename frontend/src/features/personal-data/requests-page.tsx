// What people ask for as whose data it is: taken in by the record room, answered by the head of the hospital, each with the
// clock that the law set.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, query, takeFile, type SubjectRequest } from "@/api";
import { useAtTime } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { DueTag } from "@/ui/due-tag";
import "@/ui/forms.css";
import "@/ui/page.css";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/table.css";
import { AnswerDialog } from "./answer-dialog";
import { FinishDialog } from "./finish-dialog";
import "./personal.css";
import { ReceiveDialog } from "./receive-dialog";
import { useText } from "./text";

const LISTS = ["open", "ended"] as const;
const NONE = { open: "noneOpen", ended: "noneEnded" } as const;
const TAG = { received: "tag new", accepted: "tag good", refused: "tag bad", done: "tag good", "taken-back": "tag" } as const;
type Doing = { what: "receive" } | { what: "answer" | "extend" | "finish" | "take-back"; request: SubjectRequest };
const minute = (now: number) => Math.floor(now / 60_000);

interface RowProps { request: SubjectRequest; now: number; start: (doing: Doing) => void }
function Row({ request, now, start }: RowProps) {
  const t = useText();
  const { decided, ended, extended } = request;
  const button = (what: "answer" | "extend" | "finish" | "take-back", label: "answerIt" | "extend" | "finish" | "takeBack", main = false) => <button type="button" className={main ? "btn small p" : "btn small"} aria-label={`${t(label)} ${request.number}`} onClick={() => start({ what, request })}>{t(label)}</button>;
  return (
    <tr>
      <td><b>{request.number}</b></td>
      <td className="when">{fullDateTime(request.receivedAt)}<small>{request.receivedBy.name}</small></td>
      <td><b>{request.patientName}</b><small>{request.patientCode}</small></td>
      <td className="what"><b>{request.kindText}</b> {request.stayNumber && t("about", { number: request.stayNumber })}<small>{request.details}</small><small>{request.askedBy}; {request.identity}; {request.paper}</small></td>
      <td className="what">
        <span className={TAG[request.state]}>{request.stateText}</span>{request.overdue && !request.dueAt && <> <span className="tag bad">{t("overdue")}</span></>}
        {decided && <small>{t("decidedBy", { name: decided.by.name, time: fullDateTime(decided.at), words: decided.words })}</small>}
        {ended && <small>{t("endedBy", { name: ended.by.name, time: fullDateTime(ended.at), words: ended.words })}{request.recordRequest && `; ${t("copyOn", { number: request.recordRequest })}`}</small>}
      </td>
      <td>
        {request.dueAt && <><DueTag dueAt={request.dueAt} now={now} /><small>{t(request.state === "received" ? "answerDue" : "actDue")}</small></>}
        {extended && <small>{t("extendedTo", { time: fullDateTime(request.actBy), reason: extended.words })}</small>}
      </td>
      <td>
        <div className="row">
          {request.mayAnswer && button("answer", "answerIt", true)}
          {request.mayExtend && button("extend", "extend")}
          {request.mayFinish && button("finish", "finish", true)}
          {request.mayTakeBack && button("take-back", "takeBack")}
        </div>
      </td>
    </tr>
  );
}

export function SubjectRequestsPage() {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [list, setList] = useState<(typeof LISTS)[number]>("open");
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const now = useAtTime(minute) * 60_000;
  const found = useQuery({ queryKey: keys.subjectRequests(list), queryFn: ({ signal }) => get<SubjectRequest[]>(`/subject-requests${query({ list })}`, signal), staleTime: 0 });
  const stop = () => setDoing(null);
  const done = (words: string) => {
    stop();
    setSaid(words);
    void cache.invalidateQueries({ queryKey: ["subject-requests"] });
  };
  const take = (path: string) => {
    setSaid(t("taking"));
    setError(null);
    takeFile(path).then(() => setSaid(t("takenFile")), (no: unknown) => { setSaid(""); setError(no); });
  };
  const path = doing && "request" in doing ? `/subject-requests/${doing.request.id}` : "";
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>
        {LISTS.map((one) => <button key={one} type="button" className="chip" aria-pressed={list === one} onClick={() => setList(one)}>{t(one)}</button>)}
        <span className="muted" role="status">{said}</span><span className="grow" />
        <button type="button" className="btn" onClick={() => take("/processing-activities/register")}>{t("activities")}</button>
        <button type="button" className="btn" onClick={() => take("/subject-requests/register")}>{t("register")}</button>
        {role === "record-room" && <button type="button" className="btn p" onClick={() => setDoing({ what: "receive" })}>{t("receive")}</button>}
      </div>
      <p className="muted personal-lead">{t("lead")}</p>
      <Refusal error={error} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t(NONE[list])} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard personal" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("number")}</th><th scope="col">{t("received")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("wants")}</th><th scope="col">{t("state")}</th><th scope="col">{t("due")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>{found.data.map((request) => <Row key={request.id} request={request} now={now} start={setDoing} />)}</tbody>
          </table>
        </div>
      )}
      {doing?.what === "receive" && <ReceiveDialog onClose={stop} onDone={(number) => done(t("saidReceived", { number }))} />}
      {doing?.what === "answer" && <AnswerDialog request={doing.request} onClose={stop} onDone={() => done(t("saidNoted"))} />}
      {doing?.what === "finish" && <FinishDialog request={doing.request} onClose={stop} onDone={() => done(t("saidNoted"))} />}
      {doing?.what === "extend" && <ReasonDialog title={t("extendTitle", { number: doing.request.number })} lead={t("extendLead")} label={t("reason")} action={t("extend")} name="reason" missing={t("needReason")} gentle path={`${path}/extend`} onClose={stop} onDone={() => done(t("saidNoted"))} />}
      {doing?.what === "take-back" && <ReasonDialog title={t("takeBackTitle", { number: doing.request.number })} lead={t("takeBackLead")} label={t("reason")} action={t("takeBack")} name="reason" missing={t("needReason")} dismiss="close" path={`${path}/take-back`} onClose={stop} onDone={() => done(t("saidNoted"))} />}
    </>
  );
}
