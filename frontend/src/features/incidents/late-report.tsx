// What came into the record more than twelve hours after the act, by ward and by the day it was recorded: late, or within
// the day that an incident gives.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { Link } from "wouter";
import { get, keys, query, type LateEntry } from "@/api";
import { now } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { birthDate, dateTime, dayKey, fullDateTime, parseDate, startOfDay } from "@/lib/time";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import { useText } from "./text";

const PAGE = 100;
const DAY = 86_400_000;

interface Asked { ward: string; from: string; to: string }
const day = (at: number) => birthDate(dayKey(at));
/** Midnight in Vietnam of a typed day, or of the day after it. */
function midnight(typed: string, after: number): string | null {
  const date = parseDate(typed);
  return date && new Date(startOfDay(Date.parse(`${date}T12:00:00Z`)) + after).toISOString();
}

function Filter({ ask }: { ask: (asked: Asked) => void }) {
  const t = useText();
  const { wards } = useSession().session;
  const [ward, setWard] = useState("");
  const [from, setFrom] = useState(() => day(now() - 6 * DAY));
  const [to, setTo] = useState(() => day(now()));
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [begin, end] = [midnight(from, 0), midnight(to, DAY)];
    if (!begin || !end || begin >= end) return setError(new Error(t("dateWrong")));
    setError(null);
    ask({ ward, from: begin, to: end });
  };
  return (
    <form className="late-filter" onSubmit={submit} noValidate>
      {wards.length > 1 && (
        <label className="field"><span>{t("ward")}</span>
          <select className="box" value={ward} onChange={(event) => setWard(event.target.value)}>
            <option value="">{t("allWards")}</option>
            {wards.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
        </label>
      )}
      <label className="field"><span>{t("from")}</span><input type="text" name="late-from" autoComplete="off" value={from} onChange={(event) => setFrom(event.target.value)} /></label>
      <label className="field"><span>{t("to")}</span><input type="text" name="late-to" autoComplete="off" value={to} onChange={(event) => setTo(event.target.value)} /></label>
      <button type="submit" className="btn p">{t("show")}</button>
      <Refusal error={error} />
    </form>
  );
}

function Row({ entry, byLaw }: { entry: LateEntry; byLaw: boolean }) {
  const t = useText();
  const { incident } = entry;
  const part = entry.kind === "note" ? "/notes" : "";
  return (
    <tr>
      <td className="when">{fullDateTime(entry.recordedAt)}</td>
      <td><b>{entry.patientName}</b><small>{entry.patientCode} · {entry.ward}</small></td>
      <td className="when"><Link href={`/chart/${entry.encounterId}${part}`}>{t(entry.kind)}</Link></td>
      <td className="when">{entry.by.name}</td>
      <td className="when">{fullDateTime(entry.happenedAt)}</td>
      <td className="when num">{t("hoursMinutes", { h: Math.floor(entry.minutes / 60), m: entry.minutes % 60 })}</td>
      <td className="what">
        <span className={entry.late ? (byLaw ? "tag late" : "tag warn") : "tag good"}>{t(entry.late ? "late" : "inTime", { n: entry.limitHours })}</span>
        {incident && <small>{t("because", { system: incident.system, from: dateTime(incident.startedAt), to: incident.endedAt ? dateTime(incident.endedAt) : t("goesOn") })}{entry.lateThen && !entry.late && ` (${t("afterwards")})`}</small>}
      </td>
    </tr>
  );
}

export function LateReport({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const byLaw = useSession().session.regulationProfile !== "tt13";
  const [asked, setAsked] = useState<Asked>(() => {
    const today = startOfDay(now());
    return { ward: "", from: new Date(today - 6 * DAY).toISOString(), to: new Date(today + DAY).toISOString() };
  });
  const found = useInfiniteQuery({
    queryKey: keys.lateEntries(asked.ward, asked.from, asked.to),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => get<LateEntry[]>(`/late-entries${query({ ...asked, after: pageParam })}`, signal),
    getNextPageParam: (last) => (last.length < PAGE ? undefined : last.at(-1)?.id),
    staleTime: 0,
  });
  const entries = found.data?.pages.flat() ?? [];
  return (
    <>
      <div className="bar"><h1>{t("title")}</h1>{tabs}</div>
      <p className="muted incidents-lead">{t(byLaw ? "byLaw" : "own")}</p>
      <Filter ask={setAsked} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && entries.length === 0 && <Empty title={t("lateNone")} />}
      {entries.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard incidents" tabIndex={0} role="region" aria-label={t("tabLate")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("recorded")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("entry")}</th><th scope="col">{t("writer")}</th><th scope="col">{t("happened")}</th><th scope="col" className="num">{t("delay")}</th><th scope="col">{t("limit")}</th></tr></thead>
            <tbody>{entries.map((entry) => <Row key={entry.id} entry={entry} byLaw={byLaw} />)}</tbody>
          </table>
          {found.hasNextPage && <p className="status"><button type="button" className="btn" onClick={() => void found.fetchNextPage()}>{t("more")}</button></p>}
        </div>
      )}
    </>
  );
}
