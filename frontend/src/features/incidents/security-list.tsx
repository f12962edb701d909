// Attacks on the systems and breaches of personal data, with the clock of each report that the law wants.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { get, keys, type SecurityDuty, type SecurityIncident } from "@/api";
import { useAtTime } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { DueTag } from "@/ui/due-tag";
import { Empty, Failure, Loading } from "@/ui/status";
import { CloseDialog } from "./close-dialog";
import { ReportDialog } from "./report-dialog";
import { SecurityDialog } from "./security-dialog";
import { CONCERNS, DUTIES, SEVERITIES, useText } from "./text";

type Doing = { what: "enter" } | { what: "amend" | "report" | "close"; incident: SecurityIncident };
const minute = (now: number) => Math.floor(now / 60_000);

function Duty({ duty, now }: { duty: SecurityDuty; now: number }) {
  const t = useText();
  return (
    <li>
      {t(DUTIES[duty.duty])}{" "}
      {duty.sentAt
        ? <span className={duty.late ? "tag warn" : "tag good"}>{t(duty.late ? "sentLate" : "sentAt", { time: fullDateTime(duty.sentAt) })}</span>
        : <DueTag dueAt={duty.dueAt} now={now} />}
    </li>
  );
}

interface RowProps { incident: SecurityIncident; now: number; change: ((what: "amend" | "report" | "close", incident: SecurityIncident) => void) | null }
function Row({ incident, now, change }: RowProps) {
  const t = useText();
  const { closed } = incident;
  const name = (label: string) => `${label}: ${incident.what}`;
  return (
    <tr>
      <td className="when">{fullDateTime(incident.discoveredAt)}<small>{incident.enteredBy.name}</small></td>
      <td className="what">
        <b>{t(CONCERNS[incident.concerns])}</b>{incident.concerns !== "personal-data" && <> · {t(SEVERITIES[incident.severity])}</>}
        <p>{incident.what}</p>
        {incident.concerns !== "systems" && <small>{incident.affected === null ? t("affectedUnknown") : t("affectedOf", { n: incident.affected })} · {incident.categories}</small>}
        {incident.measures && <small>{t("measuresOf", { words: incident.measures })}</small>}
        {incident.version > 1 && <small>{t("writtenOn", { n: incident.version, name: incident.writtenBy.name, time: fullDateTime(incident.writtenAt) })}</small>}
      </td>
      <td>
        <ul className="duties">{incident.duties.map((duty) => <Duty key={duty.duty} duty={duty} now={now} />)}</ul>
        {incident.reports.map((report) => <small key={`${report.duty} ${report.notedAt}`}>{t("reportOf", { duty: t(DUTIES[report.duty]), recipient: report.recipient, reference: report.reference, time: fullDateTime(report.sentAt) })}</small>)}
      </td>
      <td>
        {closed
          ? <><span className="tag">{t("closed")}</span><small>{t("closedBy", { name: closed.by.name, time: fullDateTime(closed.at), words: closed.words })}</small></>
          : <span className="tag bad">{t("underWay")}</span>}
      </td>
      <td>
        {change && !closed && (
          <div className="row">
            <button type="button" className="btn small p" aria-label={name(t("noteReport"))} onClick={() => change("report", incident)}>{t("noteReport")}</button>
            <button type="button" className="btn small" aria-label={name(t("amend"))} onClick={() => change("amend", incident)}>{t("amend")}</button>
            <button type="button" className="btn small" aria-label={name(t("close"))} onClick={() => change("close", incident)}>{t("close")}</button>
          </div>
        )}
      </td>
    </tr>
  );
}

export function SecurityList({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const now = useAtTime(minute) * 60_000;
  const found = useQuery({ queryKey: keys.securityIncidents, queryFn: ({ signal }) => get<SecurityIncident[]>("/security-incidents", signal) });
  const mayWrite = role === "administrator" || role === "director";
  const change = (what: "amend" | "report" | "close", incident: SecurityIncident) => setDoing({ what, incident });
  const close = () => setDoing(null);
  const done = (words: string) => {
    setSaid(words);
    close();
    void found.refetch();
    void cache.invalidateQueries({ queryKey: keys.securityWaiting });
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>{tabs}<span className="muted" role="status">{said}</span><span className="grow" />
        {mayWrite && <button type="button" className="btn p" onClick={() => setDoing({ what: "enter" })}>{t("enter")}</button>}
      </div>
      <p className="muted incidents-lead">{t("securityLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("securityNone")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard incidents security" tabIndex={0} role="region" aria-label={t("tabSecurity")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("discovered")}</th><th scope="col">{t("what")}</th><th scope="col">{t("reports")}</th><th scope="col">{t("state")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>{found.data.map((incident) => <Row key={incident.id} incident={incident} now={now} change={mayWrite ? change : null} />)}</tbody>
          </table>
        </div>
      )}
      {doing?.what === "enter" && <SecurityDialog incident={null} onClose={close} onDone={() => done(t("saidEntered"))} />}
      {doing?.what === "amend" && <SecurityDialog incident={doing.incident} onClose={close} onDone={() => done(t("saidAmended"))} />}
      {doing?.what === "report" && <ReportDialog incident={doing.incident} onClose={close} onDone={() => done(t("saidReported"))} />}
      {doing?.what === "close" && <CloseDialog incident={doing.incident} onClose={close} onDone={() => done(t("saidClosed"))} />}
    </>
  );
}
