import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { get, keys, type DeviceRow, type Jobs } from "@/api";
import { useAtTime } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { dateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/page.css";
import "@/ui/table.css";
import { useText } from "./text";

// The server counts a clock that is two minutes off as one that may misfile.
const SKEW_LIMIT = 120;

function Seen({ at }: { at: string | null }) {
  const t = useText();
  const minutes = useAtTime(useCallback((now) => (at ? Math.max(0, Math.floor((now - Date.parse(at)) / 60_000)) : -1), [at]));
  if (minutes < 0) return <span className="tag">{t("never")}</span>;
  const text = minutes < 100 ? t("minutes", { n: minutes }) : t("hours", { n: Math.round(minutes / 60) });
  return minutes >= 5 ? <span className="tag warn">{t("silent", { n: text })}</span> : <span className="tag good">{text}</span>;
}

/** Work after a commit that failed: for the administrator, and nothing while all is well. */
function Troubles() {
  const t = useText();
  const found = useQuery({ queryKey: keys.jobs, queryFn: ({ signal }) => get<Jobs>("/jobs", signal), refetchInterval: 15_000 });
  if (found.isError) return <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />;
  const jobs = found.data?.troubled ?? [];
  if (jobs.length === 0) return null;
  return (
    <section className="card" aria-label={t("jobsTitle")}>
      <h2>{t("jobsTitle")}</h2>
      <p className="muted">{t("jobsLead")}</p>
      <ul className="picklist">
        {jobs.map((job) => (
          <li key={job.id}>
            <b>{job.kind}</b> {job.dead ? <span className="tag bad">{t("jobDead")}</span> : <span className="tag warn">{t("jobAgain", { n: job.attempts })}</span>}
            <small>{job.subject} · {dateTime(job.createdAt)} · {job.lastError}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function DevicesPage() {
  const t = useText();
  const { role } = useSession().session.user;
  const found = useQuery({ queryKey: keys.devices, queryFn: ({ signal }) => get<DeviceRow[]>("/devices", signal), refetchInterval: 15_000 });
  const beds = found.data?.some((device) => device.bed !== null);
  return (
    <>
      <div className="bar"><h1>{t("devicesTitle")}</h1></div>
      {role === "administrator" && <Troubles />}
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("devicesEmpty")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("devicesTitle")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("device")}</th><th scope="col">{t("kind")}</th>{beds && <th scope="col">{t("bed")}</th>}<th scope="col">{t("channel")}</th><th scope="col">{t("lastSeen")}</th><th scope="col">{t("clock")}</th><th scope="col" className="num">{t("waiting")}</th></tr></thead>
            <tbody>
              {found.data.map((device) => (
                <tr key={device.id}>
                  <td title={device.sender}><b>{device.name}</b></td><td>{t(device.kind)}</td>{beds && <td>{device.bed}</td>}<td>{device.channel}</td><td><Seen at={device.lastSeenAt} /></td>
                  <td>{device.skewSeconds === null ? t("none") : Math.abs(device.skewSeconds) > SKEW_LIMIT ? <span className="tag bad">{t("skew", { n: device.skewSeconds })}</span> : <small>{t("clockFine")}</small>}</td>
                  <td className="num">{device.waiting > 0 ? <span className="tag late">{device.waiting}</span> : 0}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
