// «Đến hạn tiêu hủy»: what reaches its term. The record room picks from it; what must stay says why.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { get, keys, query, type DestructionList, type KeptRecord } from "@/api";
import { useSession } from "@/lib/session";
import { birthDate } from "@/lib/time";
import "@/ui/page.css";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { allOf, mayPick, MOST, stillPicked, toggle, toggleAll } from "./choice";
import "./destruction.css";
import { ProposeDialog } from "./propose-dialog";
import { useText } from "./text";

const PAGE = 100;

interface RowProps { record: KeptRecord; picked: boolean; pick: ((id: string) => void) | null }
function Row({ record, picked, pick }: RowProps) {
  const t = useText();
  const number = record.archiveNumber ?? record.number;
  const why = `why-${record.encounterId}`;
  return (
    <tr>
      {pick && <td className="pick"><input type="checkbox" aria-label={t("pick", { number })} aria-describedby={why} disabled={!mayPick(record)} checked={picked} onChange={() => pick(record.encounterId)} /></td>}
      <td><b>{number}</b><small>{record.number}</small></td>
      <td><b>{record.patientName}</b><small>{record.patientCode}</small></td>
      <td>{record.ward.name}</td>
      <td>{birthDate(record.keptUntil)}<small>{record.class.name}</small></td>
      <td className="fate" id={why}>{record.mustStay === null ? <span className="tag late">{t("over")}</span> : <><span className="tag warn">{t("mustStay")}</span><small>{record.mustStay}</small></>}</td>
      <td><div className="row end"><Link className="btn small" href={`/chart/${record.encounterId}/record`} aria-label={`${t("open")} ${number}`}>{t("open")}</Link></div></td>
    </tr>
  );
}

interface AllProps { records: readonly KeptRecord[]; picked: ReadonlySet<string>; change: (picked: ReadonlySet<string>) => void }
function All({ records, picked, change }: AllProps) {
  const t = useText();
  const state = allOf(records, picked);
  const half = (box: HTMLInputElement | null) => {
    if (box) box.indeterminate = state === "some";
  };
  return <input type="checkbox" ref={half} aria-label={t("pickAll")} disabled={!records.some(mayPick)} checked={state === "all"} onChange={() => change(toggleAll(records, picked))} />;
}

export function DuePart({ say }: { say: (words: string) => void }) {
  const t = useText();
  const cache = useQueryClient();
  const [, go] = useLocation();
  const prepares = useSession().session.user.role === "record-room";
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [proposing, setProposing] = useState(false);
  const found = useInfiniteQuery({
    queryKey: keys.records("due"),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => get<KeptRecord[]>(`/records${query({ list: "due", after: pageParam })}`, signal),
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.encounterId),
    staleTime: 0,
  });
  const records = found.data?.pages.flat() ?? [];
  const chosen = stillPicked(records, picked);
  const staying = records.filter((record) => !mayPick(record)).length;
  const over = chosen.length - MOST;
  const done = (list: DestructionList) => {
    say(t("saidProposed", { number: list.number }));
    void cache.invalidateQueries({ queryKey: ["records"] });
    cache.setQueryData(keys.destruction(list.id), list);
    go(`/archive/lists/${list.id}`);
  };
  return (
    <>
      <p className="muted lead">{t(prepares ? "dueLead" : "dueLeadRead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("dueFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && records.length === 0 && <Empty title={t("dueNone")} />}
      {records.length > 0 && (
        <div className="card duecard">
          {prepares && (
            <div className="pickbar">
              <b role="status">{t("picked", { n: chosen.length })}</b>
              <span className="muted">{over > 0 ? t("tooMany", { most: MOST, over }) : staying > 0 && t("notAll", { n: staying })}</span>
              <span className="grow" />
              <button type="button" className="btn p" disabled={chosen.length === 0 || over > 0} onClick={() => setProposing(true)}>{t("propose")}</button>
            </div>
          )}
          {/* Scrolls, so it must take the keyboard's focus. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div className="tablecard" tabIndex={0} role="region" aria-label={t("dueTitle")}>
            <table className="grid linesgrid">
              <thead><tr>{prepares && <th scope="col" className="pick"><All records={records} picked={picked} change={setPicked} /></th>}<th scope="col">{t("number")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("ward")}</th><th scope="col">{t("term")}</th><th scope="col">{t("standing")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
              <tbody>{records.map((record) => <Row key={record.encounterId} record={record} picked={mayPick(record) && picked.has(record.encounterId)} pick={prepares ? (id) => setPicked(toggle(picked, id)) : null} />)}</tbody>
            </table>
            {found.hasNextPage && <p className="status"><button type="button" className="btn" onClick={() => void found.fetchNextPage()}>{t("more")}</button></p>}
          </div>
        </div>
      )}
      {proposing && <ProposeDialog records={chosen} drop={(ids) => setPicked(new Set([...picked].filter((id) => !ids.includes(id))))} onClose={() => { setProposing(false); void found.refetch(); }} onDone={done} />}
    </>
  );
}
