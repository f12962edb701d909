// The record room's shelves: what waits to be archived, what is archived and until when, what is left of what was destroyed.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { get, keys, query, type KeptRecord, type RecordLife } from "@/api";
import { useSession } from "@/lib/session";
import { birthDate, fullDateTime } from "@/lib/time";
import "@/ui/page.css";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { ArchiveDialog } from "./archive-dialog";
import "./record.css";
import { useText } from "./text";

const PAGE = 100;
export type Shelf = "waiting" | "archived" | "destroyed";
const LEAD = { waiting: "waitingLead", archived: "keptLead", destroyed: "goneLead" } as const;
const NONE = { waiting: "waitingNone", archived: "keptNone", destroyed: "goneNone" } as const;
const DISPOSAL = { forever: "tag", held: "tag warn", "too-early": "tag", due: "tag late", over: "tag late" } as const;

function Term({ record }: { record: KeptRecord }) {
  const t = useText();
  return (
    <td className="what">
      <b>{record.keptForever ? t("forever") : birthDate(record.keptUntil)}</b> <small>{record.class.name}</small>
      {record.holds > 0 && record.disposal !== "held" && <span className="tag warn">{t("held")}</span>}
      {record.disposal && record.disposal !== "forever" && <small className="fate"><span className={DISPOSAL[record.disposal]}>{record.disposalText}</span></small>}
    </td>
  );
}

interface RowProps { record: KeptRecord; there: boolean; archive: ((record: KeptRecord) => void) | null }
function Row({ record, there, archive }: RowProps) {
  const t = useText();
  return (
    <tr>
      <td><b>{record.archiveNumber ?? record.number}</b>{record.archiveNumber && <small>{record.number}</small>}</td>
      <td><b>{record.patientName}</b><small>{record.patientCode}</small></td>
      <td>{record.ward.name}</td>
      <td className="when">{record.dischargedAt && fullDateTime(record.dischargedAt)}</td>
      <td className="when">{fullDateTime(record.archivedAt ?? record.closedAt ?? 0)}</td>
      <Term record={record} />
      <td>
        <div className="row">
          {there && <Link className="btn small" href={`/chart/${record.encounterId}/record`} aria-label={`${t("open")} ${record.number}`}>{t("open")}</Link>}
          {archive && <button type="button" className="btn small p" aria-label={`${t("doArchive")} ${record.number}`} onClick={() => archive(record)}>{t("doArchive")}</button>}
        </div>
      </td>
    </tr>
  );
}

function Table({ list, records, archive }: { list: Shelf; records: readonly KeptRecord[]; archive: ((record: KeptRecord) => void) | null }) {
  const t = useText();
  return (
    <table className="grid">
      <thead><tr><th scope="col">{t(list === "waiting" ? "number" : "archiveNumber")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("ward")}</th><th scope="col">{t("left")}</th><th scope="col">{t(list === "waiting" ? "closedAt" : "archivedAt")}</th><th scope="col">{t("term")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
      <tbody>{records.map((record) => <Row key={record.encounterId} record={record} there={list !== "destroyed"} archive={archive} />)}</tbody>
    </table>
  );
}

export function ShelfPart({ list, say }: { list: Shelf; say: (words: string) => void }) {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [archiving, setArchiving] = useState<KeptRecord | null>(null);
  const found = useInfiniteQuery({
    queryKey: keys.records(list),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => get<KeptRecord[]>(`/records${query({ list, after: pageParam })}`, signal),
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.encounterId),
    staleTime: 0,
  });
  const records = found.data?.pages.flat() ?? [];
  const done = (life: RecordLife) => {
    setArchiving(null);
    say(t("saidArchived", { number: life.archiveNumber ?? life.number }));
    void cache.invalidateQueries({ queryKey: ["records"] });
    void cache.invalidateQueries({ queryKey: keys.encounter(life.encounterId) });
  };
  return (
    <>
      <p className="muted archivelead">{t(LEAD[list])}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("listFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && records.length === 0 && <Empty title={t(NONE[list])} />}
      {records.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard archivelist" tabIndex={0} role="region" aria-label={t("archive")}>
          <Table list={list} records={records} archive={list === "waiting" && role === "record-room" ? setArchiving : null} />
          {found.hasNextPage && <p className="status"><button type="button" className="btn" onClick={() => void found.fetchNextPage()}>{t("more")}</button></p>}
        </div>
      )}
      {archiving && <ArchiveDialog encounterId={archiving.encounterId} number={archiving.number} onClose={() => setArchiving(null)} onDone={done} />}
    </>
  );
}
