// Reports of attacks and breaches that nobody has sent yet: a person's work, with a clock that the law set.
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { get, keys, type SecurityWaiting } from "@/api";
import { useAtTime } from "@/lib/clock";
import { DueTag } from "@/ui/due-tag";
import { useText } from "./text";

const DUTIES = { "first-notice": "dutyFirst", "incident-report": "dutyIncident", "breach-notice": "dutyBreach" } as const;
const minute = (now: number) => Math.floor(now / 60_000);

export function WaitingReports() {
  const t = useText();
  const now = useAtTime(minute) * 60_000;
  const found = useQuery({ queryKey: keys.securityWaiting, queryFn: ({ signal }) => get<SecurityWaiting[]>("/security-incidents/waiting", signal), refetchInterval: 20_000 });
  if (!found.data || found.data.length === 0) return null;
  return (
    <section className="card owed" aria-labelledby="owed-title">
      <h2 id="owed-title">{t("owed")}</h2>
      <ul>
        {found.data.map(({ incident, what, duty }) => <li key={`${incident} ${duty.duty}`}><DueTag dueAt={duty.dueAt} now={now} /> {t(DUTIES[duty.duty])}: {what}</li>)}
      </ul>
      <Link href="/incidents">{t("owedGo")}</Link>
    </section>
  );
}
