// In place of a chart that its viewer is not assigned to: calmly, because it is no fault; with the ways there are from here.
import { lazy, Suspense, useState } from "react";
import { useSession } from "@/lib/session";
import { Icon } from "@/ui/icons";
import { useText } from "./text";

const ReadersDialog = lazy(() => import("./readers-dialog").then((m) => ({ default: m.ReadersDialog })));

/** `openUrgently`: for those who may when a life depends on it. */
export function ClosedToOthers({ encounterId, openUrgently }: { encounterId: string; openUrgently: (() => void) | null }) {
  const t = useText();
  const assigns = useSession().session.user.role === "director";
  const [open, setOpen] = useState(false);
  return (
    <div className="status closed-chart">
      <Icon name="lock" size={28} />
      <h1 className="bigname">{t("closedTitle")}</h1>
      <p>{t(assigns ? "closedDirector" : openUrgently ? "closedUrgent" : "closedHint")}</p>
      {openUrgently && <button type="button" className="btn danger" onClick={openUrgently}>{t("openUrgently")}</button>}
      {assigns && <button type="button" className="btn p" onClick={() => setOpen(true)}>{t("assignReaders")}</button>}
      {open && <Suspense fallback={null}><ReadersDialog encounterId={encounterId} onClose={() => setOpen(false)} /></Suspense>}
    </div>
  );
}
