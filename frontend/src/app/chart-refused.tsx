// Why the chart does not open, and the ways there are from here: an emergency for who may read what is not theirs, and for
// the head of the house the list of who reads a restricted record.
import { lazy, Suspense, useState } from "react";
import { ApiError } from "@/api";
import { ClosedToOthers } from "@/features/restriction";
import { useChartText } from "@/i18n/chart";
import { charts, onWards, useSession } from "@/lib/session";
import { Failure } from "@/ui/status";

const EmergencyDialog = lazy(() => import("@/features/access").then((m) => ({ default: m.EmergencyDialog })));

export function Refused({ encounterId, error, retry }: { encounterId: string; error: unknown; retry: () => void }) {
  const t = useChartText();
  const { role } = useSession().session.user;
  const [opening, setOpening] = useState(false);
  const code = error instanceof ApiError ? error.code : null;
  const restricted = code === "restricted";
  const open = () => setOpening(true);
  return (
    <>
      {restricted && <ClosedToOthers encounterId={encounterId} openUrgently={charts(role) ? open : null} />}
      {!restricted && <Failure title={t("loadFailed")} error={error} retry={retry} />}
      {code === "forbidden" && onWards(role) && <p className="status"><button type="button" className="btn danger" onClick={open}>{t("emergency")}</button></p>}
      {opening && <Suspense fallback={null}><EmergencyDialog encounterId={encounterId} restricted={restricted} onClose={() => setOpening(false)} onOpened={() => { setOpening(false); retry(); }} /></Suspense>}
    </>
  );
}
