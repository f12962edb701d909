// A chart is put together here, from features that do not know each other.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode } from "react";
import { get, keys, send, type Encounter, type VitalSet } from "@/api";
import { Banner, Tabs, Timeline, useEncounter } from "@/features/chart";
import { useChartText } from "@/i18n/chart";
import { charts, useSession } from "@/lib/session";
import { Empty, Failure, Loading } from "@/ui/status";
import "./chart-page.css";
import { EncounterActions } from "@/features/adt";
import { useText } from "./text";

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
type PartName = keyof typeof PARTS;
/** Paper wants the width: what happened meanwhile is a tab away. */
const WHOLE_WIDTH: readonly PartName[] = ["forms"];
const isPart = (name: string): name is PartName => name in PARTS;

export function ChartPage({ encounterId, part }: { encounterId: string; part: string }) {
  const t = useChartText();
  const shell = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const found = useEncounter(encounterId);
  if (found.isPending) return <Loading />;
  if (found.isError) return <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />;
  if (!isPart(part)) return <Empty title={shell("notFound")}><p>{shell("notFoundHint")}</p></Empty>;
  const encounter = found.data;
  const Body = PARTS[part];
  const accept = async (setId: string) => {
    // The version is asked for at the moment of accepting: a set that changed since it was shown is refused.
    const versions = await get<VitalSet[]>(`/vitals/${setId}/versions`);
    await send<VitalSet>("POST", `/vitals/${setId}/accept`, { version: Math.max(1, ...versions.map((one) => one.version)) });
    await cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
  };
  return (
    <div className="chart">
      <Banner encounter={encounter} />
      <Tabs encounter={encounter} part={part} actions={<EncounterActions encounter={encounter} />} />
      <div className={WHOLE_WIDTH.includes(part) ? "chartcols whole" : "chartcols"}>
        <div className="chartmain"><Suspense fallback={<Loading />}><Body key={encounter.id} encounter={encounter} /></Suspense></div>
        {!WHOLE_WIDTH.includes(part) && <Timeline encounterId={encounter.id} accept={charts(role) ? accept : null} />}
      </div>
    </div>
  );
}
