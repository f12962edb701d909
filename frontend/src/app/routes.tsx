// Every screen, each its own chunk: the ward board pays for nothing but itself.
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Empty, Loading } from "@/ui/status";
import { useText } from "./text";

const WardBoard = lazy(() => import("@/features/ward-board").then((m) => ({ default: m.WardBoardPage })));
const Round = lazy(() => import("@/features/obs-round").then((m) => ({ default: m.RoundPage })));
const Chart = lazy(() => import("./chart-page").then((m) => ({ default: m.ChartPage })));

function NotFound() {
  const t = useText();
  return <Empty title={t("notFound")}><p>{t("notFoundHint")}</p></Empty>;
}

export function Routes() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/"><WardBoard /></Route>
        <Route path="/round"><Round /></Route>
        <Route path="/chart/:id/:part?">{({ id, part }) => <Chart encounterId={id} part={part ?? "vitals"} />}</Route>
        <Route><NotFound /></Route>
      </Switch>
    </Suspense>
  );
}
