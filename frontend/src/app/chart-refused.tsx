// Why the chart does not open, and the ways there are from here: an emergency for who may read what is not theirs, for a
// doctor whom to ask, and for the head of the house the list of who reads a restricted record.
import { lazy, Suspense, useState } from "react";
import { ApiError } from "@/api";
import { ClosedToOthers } from "@/features/restriction";
import { NotNamed } from "@/features/treatment";
import { useChartText } from "@/i18n/chart";
import { charts, onOwnWards, useSession } from "@/lib/session";
import { Failure } from "@/ui/status";

const EmergencyDialog = lazy(() => import("@/features/access").then((m) => ({ default: m.EmergencyDialog })));

export function Refused({ encounterId, error, retry }: { encounterId: string; error: unknown; retry: () => void }) {
  const t = useChartText();
  const { session } = useSession();
  const { role } = session.user;
  const [opening, setOpening] = useState(false);
  const code = error instanceof ApiError ? error.code : null;
  const restricted = code === "restricted";
  const elsewhere = code === "forbidden" && onOwnWards(session);
  const notNamed = elsewhere && role === "doctor";
  const open = () => setOpening(true);
  return (
    <>
      {restricted && <ClosedToOthers encounterId={encounterId} openUrgently={charts(role) ? open : null} />}
      {notNamed && <NotNamed openUrgently={open} retry={retry} />}
      {!restricted && !notNamed && <Failure title={t("loadFailed")} error={error} retry={retry} />}
      {elsewhere && !notNamed && <p className="status"><button type="button" className="btn danger" onClick={open}>{t("emergency")}</button></p>}
      {opening && <Suspense fallback={null}><EmergencyDialog encounterId={encounterId} restricted={restricted} onClose={() => setOpening(false)} onOpened={() => { setOpening(false); retry(); }} /></Suspense>}
    </>
  );
}
