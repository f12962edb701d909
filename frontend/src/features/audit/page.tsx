// The trail, newest first: who saw or wrote what, of one patient, of one person, or of all.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearch } from "wouter";
import { get, keys, query, type AuditRow } from "@/api";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import "./audit.css";
import { Filter, type Of, type Wanted } from "./filter";
import { Row } from "./row";
import { useText } from "./text";

const PAGE = 100;

export function AuditPage() {
  const t = useText();
  // A chart leads here with its patient; the name is in the rows.
  const named = new URLSearchParams(useSearch()).get("patient");
  const [wanted, setWanted] = useState<Wanted>(() => (named ? { patient: { id: named, name: "…" } } : {}));
  const { patient, person, act, from, until } = wanted;
  const asked = { patient: patient?.id, person: person?.id, act, from, until };
  const found = useInfiniteQuery({
    queryKey: [...keys.audit, asked],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => get<AuditRow[]>(`/audit${query({ limit: PAGE, after: pageParam, ...asked })}`, signal),
    getNextPageParam: (last) => {
      const end = last.length < PAGE ? undefined : last.at(-1);
      return end && `${end.chain}/${end.seq}`;
    },
  });
  const rows = found.data?.pages.flat() ?? [];
  const known = rows.find((row) => row.patient?.id === patient?.id)?.patient;
  const shown: Wanted = patient && known ? { ...wanted, patient: { id: patient.id, name: known.name } } : wanted;
  const limited = Object.values(asked).some((value) => value !== undefined);
  const onPatient = ({ id, name }: Of) => setWanted({ ...wanted, patient: { id, name } });
  const onPerson = ({ id, name }: Of) => setWanted({ ...wanted, person: { id, name } });
  return (
    <>
      <div className="bar"><h1>{t("title")}</h1></div>
      <Filter wanted={shown} ask={setWanted} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && rows.length === 0 && <Empty title={t(limited ? "noneSuch" : "empty")}>{limited && t("noneSuchLead")}</Empty>}
      {rows.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid audit-table">
            <thead><tr><th scope="col">{t("at")}</th><th scope="col">{t("who")}</th><th scope="col">{t("what")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("source")}</th><th scope="col"><span className="sr">{t("detail")}</span></th></tr></thead>
            <tbody>{rows.map((row) => <Row key={`${row.chain}-${row.seq}`} row={row} onPatient={onPatient} onPerson={onPerson} />)}</tbody>
          </table>
          {found.hasNextPage && <p className="status"><button type="button" className="btn" disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("older")}</button></p>}
        </div>
      )}
    </>
  );
}
