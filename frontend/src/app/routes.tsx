// Every screen, each its own chunk: the ward board pays for nothing but itself.
import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { Empty, Loading } from "@/ui/status";
import { useText } from "./text";

const Board = lazy(() => import("./board-page").then((m) => ({ default: m.BoardPage })));
const Round = lazy(() => import("@/features/obs-round").then((m) => ({ default: m.RoundPage })));
const Chart = lazy(() => import("./chart-page").then((m) => ({ default: m.ChartPage })));
const Waiting = lazy(() => import("@/features/unmatched").then((m) => ({ default: m.WaitingPage })));
const Studies = lazy(() => import("@/features/unmatched").then((m) => ({ default: m.StudiesPage })));
const Signing = lazy(() => import("@/features/forms").then((m) => ({ default: m.SigningPage })));
const Scans = lazy(() => import("@/features/forms").then((m) => ({ default: m.ScansPage })));
const Orders = lazy(() => import("@/features/orders").then((m) => ({ default: m.OrdersPage })));
const Results = lazy(() => import("@/features/results-release").then((m) => ({ default: m.ResultsReleasePage })));
const Attention = lazy(() => import("@/features/attention").then((m) => ({ default: m.AttentionPage })));
const Incidents = lazy(() => import("@/features/incidents").then((m) => ({ default: m.IncidentsPage })));
const Requests = lazy(() => import("@/features/requests").then((m) => ({ default: m.RequestsPage })));
const SubjectRequests = lazy(() => import("@/features/personal-data").then((m) => ({ default: m.SubjectRequestsPage })));
const Consents = lazy(() => import("@/features/personal-data").then((m) => ({ default: m.ConsentsPage })));
const Confirmations = lazy(() => import("@/features/confirmations").then((m) => ({ default: m.ConfirmationsPage })));
const Archive = lazy(() => import("./archive-page").then((m) => ({ default: m.ArchivePage })));
const Seals = lazy(() => import("@/features/seals").then((m) => ({ default: m.Seals })));
const Decisions = lazy(() => import("@/features/decisions").then((m) => ({ default: m.DecisionsPage })));
const Devices = lazy(() => import("@/features/devices").then((m) => ({ default: m.DevicesPage })));
const Users = lazy(() => import("@/features/users").then((m) => ({ default: m.UsersPage })));
const Audit = lazy(() => import("@/features/audit").then((m) => ({ default: m.AuditPage })));
const Access = lazy(() => import("@/features/access").then((m) => ({ default: m.AccessPage })));
const Search = lazy(() => import("@/features/adt").then((m) => ({ default: m.SearchPage })));
const Register = lazy(() => import("@/features/adt").then((m) => ({ default: m.RegisterPage })));
const Patient = lazy(() => import("@/features/adt").then((m) => ({ default: m.PatientPage })));

function NotFound() {
  const t = useText();
  return <><div className="bar"><h1>{t("notFound")}</h1></div><Empty title={t("notFoundHint")} /></>;
}

export function Routes() {
  return (
    <Suspense fallback={<Loading />}>
      <Switch>
        <Route path="/"><Board /></Route>
        <Route path="/round"><Round /></Route>
        <Route<{ id: string; part?: string }> path="/chart/:id/:part?/*?">{({ id, part }) => <Chart encounterId={id} part={part ?? "vitals"} />}</Route>
        <Route path="/waiting"><Waiting /></Route>
        <Route path="/studies"><Studies /></Route>
        <Route path="/signing"><Signing /></Route>
        <Route path="/scans"><Scans /></Route>
        <Route path="/orders"><Orders /></Route>
        <Route path="/results"><Results /></Route>
        <Route path="/attention"><Attention /></Route>
        <Route path="/incidents"><Incidents /></Route>
        <Route path="/confirmations"><Confirmations /></Route>
        <Route path="/requests"><Requests /></Route>
        <Route<{ part?: string; id?: string }> path="/archive/:part?/:id?">{({ part, id }) => <Archive part={part} id={id} />}</Route>
        <Route path="/decisions"><Decisions /><Seals /></Route>
        <Route path="/devices"><Devices /></Route>
        <Route path="/users"><Users /><Seals /></Route>
        <Route path="/audit"><Audit /></Route>
        <Route path="/access"><Access /></Route>
        <Route path="/patients"><Search /></Route>
        <Route path="/patients/new"><Register /></Route>
        <Route path="/personal-data"><SubjectRequests /></Route>
        <Route path="/patients/:id/consents">{({ id }) => <Consents key={id} patientId={id} />}</Route>
        <Route path="/patients/:id">{({ id }) => <Patient key={id} patientId={id} />}</Route>
        <Route><NotFound /></Route>
      </Switch>
    </Suspense>
  );
}
