// A chart is put together here, from features that do not know each other.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link } from "wouter";
import { ApiError, get, keys, send, type Encounter, type Role, type VitalSet } from "@/api";
import { Banner, Tabs, Timeline, useEncounter } from "@/features/chart";
import { useChartText } from "@/i18n/chart";
import { WritesContext } from "@/lib/chart";
import { charts, useSession } from "@/lib/session";
import { Empty, Failure, Loading } from "@/ui/status";
import "./chart-page.css";
import { EncounterActions } from "@/features/adt";
import { useText } from "./text";

const EmergencyDialog = lazy(() => import("@/features/access").then((m) => ({ default: m.EmergencyDialog })));

type Part = ({ encounter }: { encounter: Encounter }) => ReactNode;
const PARTS = {
  vitals: lazy(() => import("@/features/tpr-chart").then((m) => ({ default: m.VitalsPart as Part }))),
  notes: lazy(() => import("@/features/care-notes").then((m) => ({ default: m.NotesPart as Part }))),
  results: lazy(() => import("@/features/labs").then((m) => ({ default: m.ResultsPart as Part }))),
  images: lazy(() => import("@/features/imaging").then((m) => ({ default: m.ImagesPart as Part }))),
  orders: lazy(() => import("@/features/orders").then((m) => ({ default: m.OrdersPart as Part }))),
  forms: lazy(() => import("@/features/forms").then((m) => ({ default: m.FormsPart as Part }))),
  record: lazy(() => import("@/features/record-life").then((m) => ({ default: m.RecordPart as Part }))),
};
const onWards = (role: Role) => role === "nurse" || role === "head-nurse";
type PartName = keyof typeof PARTS;
/** Paper wants the width: what happened meanwhile is a tab away. */
const WHOLE_WIDTH: readonly PartName[] = ["forms"];
const isPart = (name: string): name is PartName => name in PARTS;

export function ChartPage({ encounterId, part }: { encounterId: string; part: string }) {
  const t = useChartText();
  const shell = useText();
  const cache = useQueryClient();
  const { session } = useSession();
  const { role } = session.user;
  const found = useEncounter(encounterId);
  if (found.isPending) return <Loading />;
  // A chart that could not be asked for anew stays, unless the server refuses it.
  if (!found.data || (found.error instanceof ApiError && found.error.status >= 400 && found.error.status < 500)) return <Refused encounterId={encounterId} error={found.error} retry={() => void found.refetch()} />;
  if (!isPart(part)) return <Empty title={shell("notFound")}><p>{shell("notFoundHint")}</p></Empty>;
  const encounter = found.data;
  const Body = PARTS[part];
  // Of another ward, so it was opened in an emergency: to read.
  const reading = onWards(role) && !session.wards.some((one) => one.id === encounter.ward.id);
  const writes = !reading && encounter.record === "active";
  const accept = async (setId: string) => {
    // The version is asked for at the moment of accepting: a set that changed since it was shown is refused.
    const versions = await get<VitalSet[]>(`/vitals/${setId}/versions`);
    await send<VitalSet>("POST", `/vitals/${setId}/accept`, { version: Math.max(1, ...versions.map((one) => one.version)) });
    await cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
  };
  const actions = role === "auditor" ? <Link className="btn small" href={`/audit?patient=${encounter.patient.id}`}>{shell("whoSaw")}</Link> : reading ? null : <EncounterActions encounter={encounter} />;
  return (
    <div className="chart">
      {reading && <p className="reading" role="note">{t("readingOnly", { ward: encounter.ward.name })}</p>}
      <Banner encounter={encounter} />
      <Tabs encounter={encounter} part={part} actions={actions} />
      <div className={WHOLE_WIDTH.includes(part) ? "chartcols whole" : "chartcols"}>
        <div className="chartmain"><WritesContext value={writes}><Suspense fallback={<Loading />}><Body key={encounter.id} encounter={encounter} /></Suspense></WritesContext></div>
        {!WHOLE_WIDTH.includes(part) && <Timeline encounterId={encounter.id} accept={charts(role) && writes ? accept : null} />}
      </div>
    </div>
  );
}

/** Why the chart does not open; a nurse of another ward has a way in when it cannot wait. */
function Refused({ encounterId, error, retry }: { encounterId: string; error: unknown; retry: () => void }) {
  const t = useChartText();
  const { role } = useSession().session.user;
  const [opening, setOpening] = useState(false);
  const notHers = error instanceof ApiError && error.code === "forbidden" && onWards(role);
  return (
    <>
      <Failure title={t("loadFailed")} error={error} retry={retry} />
      {notHers && <p className="status"><button type="button" className="btn danger" onClick={() => setOpening(true)}>{t("emergency")}</button></p>}
      {opening && <Suspense fallback={null}><EmergencyDialog encounterId={encounterId} onClose={() => setOpening(false)} onOpened={() => { setOpening(false); retry(); }} /></Suspense>}
    </>
  );
}
