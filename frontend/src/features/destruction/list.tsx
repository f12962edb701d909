// One list: who decided what, what comes next and for whom, and what becomes of each record.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { BASE, get, keys, type DestructionItem, type DestructionList, type DestructionStep } from "@/api";
import { birthDate, fullDateTime } from "@/lib/time";
import { Icon } from "@/ui/icons";
import "@/ui/page.css";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { ApproveDialog, BeginDialog } from "./decide-dialogs";
import "./destruction.css";
import { nextOf, progressOf } from "./progress";
import { FATE, STATE } from "./states";
import { useText } from "./text";

type Doing = "approve" | "cancel" | "begin";

function Facts({ list }: { list: DestructionList }) {
  const t = useText();
  const step = (label: string, of: DestructionStep | null) => of && <div><dt>{label}</dt><dd>{of.by.name}<small>{fullDateTime(of.at)}</small></dd></div>;
  return (
    <dl className="facts">
      <div><dt>{t("decisionShort")}</dt><dd>{list.decision}</dd></div>
      <div><dt>{t("whyDestroyed")}</dt><dd>{list.reason}</dd></div>
      {step(t("proposedBy"), list.proposed)}
      {step(t("approvedBy"), list.approved)}
      {step(t("begunBy"), list.begun)}
      {step(t("cancelledBy"), list.cancelled)}
      {list.cancelReason && <div><dt>{t("cancelWhy")}</dt><dd>{list.cancelReason}</dd></div>}
      {list.doneAt && <div><dt>{t("doneAt")}</dt><dd>{fullDateTime(list.doneAt)}</dd></div>}
      {list.state === "done" && <div><dt>{t("minutesNumber")}</dt><dd>{list.number}</dd></div>}
    </dl>
  );
}

function How({ list }: { list: DestructionList }) {
  const t = useText();
  const { done, all, kept, waits } = progressOf(list.records);
  return (
    <>
      <p className="nextstep" role="status">{t(nextOf(list))}</p>
      {list.state === "begun" && <p className="progressline"><progress max={all} value={done} aria-label={t("progress", { done, all })} /> {t("progress", { done, all })}</p>}
      {list.state === "begun" && waits.length > 0 && (
        <div className="waits">
          <Icon name="warn" size={16} />
          <div><b>{t("waits")}</b>{waits.map((wait) => <p key={wait}>{wait}</p>)}<p className="muted">{t("waitsLead")}</p></div>
        </div>
      )}
      {kept > 0 && <p>{t("keptCount", { n: kept })}</p>}
    </>
  );
}

function Record({ record }: { record: DestructionItem }) {
  const t = useText();
  const number = record.archiveNumber ?? record.number;
  const there = record.state === "listed" || record.state === "kept";
  return (
    <tr>
      <td><b>{number}</b><small>{record.number}</small></td>
      <td><b>{record.patientName}</b><small>{record.patientCode}</small></td>
      <td>{birthDate(record.keptUntil)}<small>{record.className}</small></td>
      <td className="fate"><span className={FATE[record.state]}>{t(record.state)}</span>{record.settledAt && <small>{fullDateTime(record.settledAt)}</small>}{record.state === "kept" && <small>{record.note}</small>}</td>
      <td><div className="row end">{there && <Link className="btn small" href={`/chart/${record.encounterId}/record`} aria-label={`${t("open")} ${number}`}>{t("open")}</Link>}</div></td>
    </tr>
  );
}

export function ListPart({ id, say }: { id: string; say: (words: string) => void }) {
  const t = useText();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const path = `/destruction-lists/${encodeURIComponent(id)}`;
  const found = useQuery({
    queryKey: keys.destruction(id),
    queryFn: ({ signal }) => get<DestructionList>(path, signal),
    staleTime: 0,
    // No event tells of it.
    refetchInterval: ({ state }) => (state.data?.state === "begun" ? 2_000 : 30_000),
  });
  const back = <Link className="btn small" href="/archive/lists">{t("back")}</Link>;
  if (found.isPending) return <Loading />;
  if (found.isError) return <><Failure title={t("listFailed")} error={found.error} retry={() => void found.refetch()} /><p className="status">{back}</p></>;
  const list = found.data;
  const close = () => {
    setDoing(null);
    void found.refetch();
  };
  const done = (words: "saidApproved" | "saidCancelled" | "saidBegun") => () => {
    setDoing(null);
    say(t(words, { number: list.number }));
    void cache.invalidateQueries({ queryKey: keys.destructions });
    void cache.invalidateQueries({ queryKey: ["records"] });
  };
  return (
    <section className="card destruction" aria-label={`${t("list")} ${list.number}`}>
      <h2>
        {t("list")} {list.number} <span className={STATE[list.state]}>{list.stateText}</span>
        <span className="grow" />
        {back}
        {list.mayCancel && <button type="button" className="btn small" onClick={() => setDoing("cancel")}>{t("doCancel")}</button>}
        {list.mayApprove && <button type="button" className="btn small p" onClick={() => setDoing("approve")}>{t("doApprove")}</button>}
        {list.mayBegin && <button type="button" className="btn small danger" onClick={() => setDoing("begin")}>{t("doBegin", { n: list.size })}</button>}
        {list.state === "done" && <a className="btn small p" href={`${BASE}${path}/minutes`} target="_blank" rel="noreferrer">{t("openMinutes")}</a>}
      </h2>
      {/* Scrolls, so it must take the keyboard's focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="destructionbody" tabIndex={0} role="region" aria-label={t("records")}>
        <How list={list} />
        <Facts list={list} />
        {list.minutesSha256 && <p className="sha muted">{t("sha")}: {list.minutesSha256}</p>}
        <table className="grid linesgrid">
          <thead><tr><th scope="col">{t("number")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("term")}</th><th scope="col">{t("standing")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
          <tbody>{list.records.map((record) => <Record key={record.encounterId} record={record} />)}</tbody>
        </table>
      </div>
      {doing === "approve" && <ApproveDialog list={list} path={path} onClose={close} onDone={done("saidApproved")} />}
      {doing === "begin" && <BeginDialog list={list} path={path} onClose={close} onDone={done("saidBegun")} />}
      {doing === "cancel" && <ReasonDialog title={t("cancelTitle", { number: list.number })} lead={t("cancelLead")} label={t("why")} action={t("doCancel")} name="reason" missing={t("needReason")} dismiss="close" path={`${path}/cancel`} onClose={close} onDone={done("saidCancelled")} />}
    </section>
  );
}
