// On the chart, where the hospital keeps doctors to their own patients: who is named in this stay.
import { lazy, Suspense, useState } from "react";
import { useSession } from "@/lib/session";
import { useTreating } from "./queries";
import { useText } from "./text";

const TreatingDialog = lazy(() => import("./treating-dialog").then((m) => ({ default: m.TreatingDialog })));

export function TreatingButton({ encounterId }: { encounterId: string }) {
  const t = useText();
  const { treatmentScope } = useSession().session;
  const { data } = useTreating(encounterId, treatmentScope);
  const [open, setOpen] = useState(false);
  // Who may not know it is not asked to look.
  if (!treatmentScope || !data) return null;
  return (
    <>
      <button type="button" className="btn small" onClick={() => setOpen(true)}>{t("treating")}</button>
      {open && <Suspense fallback={null}><TreatingDialog encounterId={encounterId} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
