import { Link, useLocation } from "wouter";
import { useQuery } from "@tanstack/react-query";
import { get, keys, type AttentionCount, type EmergencyCount, type HeadsWork, type PaperScanCount, type SecurityWaiting, type SubjectCount, type WardBoard } from "@/api";
import { useSession } from "@/lib/session";
import { Icon } from "@/ui/icons";
import { isAt, stopsOf, waitingAt } from "./stops";
import { useText } from "./text";

export function Rail({ waiting }: { waiting: WardBoard["waiting"] | null }) {
  const t = useText();
  const { role } = useSession().session.user;
  const [place] = useLocation();
  const stops = stopsOf(role);
  // No event tells of it, and who has no ward hears none.
  const attention = useQuery({
    queryKey: keys.attentionCount,
    queryFn: ({ signal }) => get<AttentionCount>("/attention/count", signal),
    enabled: stops.some((stop) => stop.name === "attention"),
    refetchInterval: 20_000,
  });
  const emergencies = useQuery({
    queryKey: keys.emergencyCount,
    queryFn: ({ signal }) => get<EmergencyCount>("/emergency-access/count", signal),
    enabled: stops.some((stop) => stop.name === "access"),
    refetchInterval: 20_000,
  });
  const head = useQuery({
    queryKey: keys.headsWork,
    queryFn: ({ signal }) => get<HeadsWork>("/confirmations/count", signal),
    enabled: role === "director",
    refetchInterval: 20_000,
  });
  const scans = useQuery({
    queryKey: keys.paperScanCount,
    queryFn: ({ signal }) => get<PaperScanCount>("/paper-scans/count", signal),
    enabled: stops.some((stop) => stop.name === "scans"),
    refetchInterval: 60_000,
  });
  const reports = useQuery({
    queryKey: keys.securityWaiting,
    queryFn: ({ signal }) => get<SecurityWaiting[]>("/security-incidents/waiting", signal),
    enabled: role === "administrator" || role === "director" || role === "auditor",
    refetchInterval: 20_000,
  });
  const subjects = useQuery({
    queryKey: keys.subjectCount,
    queryFn: ({ signal }) => get<SubjectCount>("/subject-requests/count", signal),
    enabled: stops.some((stop) => stop.name === "personalData"),
    refetchInterval: 60_000,
  });
  return (
    <nav className="rail" aria-label={t("main")}>
      {stops.map((stop) => {
        const count = waitingAt(stop, { ...waiting, ...(attention.data && { attention: attention.data.open }), ...(emergencies.data && { emergencies: emergencies.data.open }), ...(reports.data && { reports: reports.data.length }), ...(subjects.data && { subjects: subjects.data.urgent }), ...(scans.data && { scans: scans.data.ready + scans.data.unmatched }), ...head.data });
        return (
          <Link key={stop.to} href={stop.to} aria-current={isAt(stop, place) ? "page" : undefined}>
            <Icon name={stop.icon} size={20} />
            <span>{t(stop.name)}</span>
            {count > 0 && <b><span aria-hidden="true">{count > 99 ? "99+" : count}</span><span className="sr">{t("waitingCount", { n: count })}</span></b>}
          </Link>
        );
      })}
    </nav>
  );
}
