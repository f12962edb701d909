// A chart is put together here, from features that do not know each other.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, type ReactNode } from "react";
import { Link } from "wouter";
import { get, keys, send, type Encounter, type VitalSet } from "@/api";
import { Banner, Tabs, Timeline, useEncounter } from "@/features/chart";
import { ReadersButton, useRestriction } from "@/features/restriction";
import { TreatingButton, useElsewhere } from "@/features/treatment";
import { useChartText } from "@/i18n/chart";
import { WritesContext } from "@/lib/chart";
import { charts, useSession } from "@/lib/session";
import { Empty, Loading } from "@/ui/status";
import "./chart-page.css";
import { EncounterActions } from "@/features/adt";
import { Refused } from "./chart-refused";
import { useRefusal } from "./refusal";
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
  const { session } = useSession();
  const { role } = session.user;
  const found = useEncounter(encounterId);
  const restriction = useRestriction(encounterId, found.data !== undefined);
  const elsewhere = useElsewhere(found.data);
  const refusal = useRefusal(encounterId, found);
  if (refusal) return <Refused encounterId={encounterId} error={refusal} retry={() => void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) })} />;
  if (!found.data) return <Loading />;
  // Whether words are taken depends on it: a sheet that is being written must not turn into one to read.
  if ((found.data.restricted && restriction.isPending) || elsewhere === null) return <Loading />;
  if (!isPart(part)) return <Empty title={shell("notFound")}><p>{shell("notFoundHint")}</p></Empty>;
  const encounter = found.data;
  const Body = PARTS[part];
  const { readers } = restriction.data?.restriction ?? {};
  // Of another ward, or for others alone, so it was opened in an emergency: to read.
  const forOthers = charts(role) && readers !== undefined && !readers.some((one) => one.user.id === session.user.id);
  const reading = elsewhere || forOthers;
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
      {reading && <p className="reading" role="note">{forOthers ? t("readingRestricted") : t("readingOnly", { ward: encounter.ward.name })}</p>}
      <Banner encounter={encounter} />
      <Tabs encounter={encounter} part={part} actions={<><TreatingButton encounterId={encounter.id} /><ReadersButton encounterId={encounter.id} state={restriction.data} />{actions}</>} />
      <div className={WHOLE_WIDTH.includes(part) ? "chartcols whole" : "chartcols"}>
        <div className="chartmain"><WritesContext value={writes}><Suspense fallback={<Loading />}><Body key={encounter.id} encounter={encounter} /></Suspense></WritesContext></div>
        {!WHOLE_WIDTH.includes(part) && <Timeline encounterId={encounter.id} accept={charts(role) && writes ? accept : null} />}
      </div>
    </div>
  );
}
