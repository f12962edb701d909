// On the board, where the hospital keeps doctors to their own patients: who covers this ward, for all to see whom to call.
import { lazy, Suspense, useCallback, useState } from "react";
import { useAtTime } from "@/lib/clock";
import { useWard } from "@/lib/ward";
import { onDuty } from "./duty";
import { useDuty } from "./queries";
import { useText } from "./text";

const DutyDialog = lazy(() => import("./duty-dialog").then((m) => ({ default: m.DutyDialog })));

export function DutyButton() {
  const t = useText();
  const ward = useWard();
  const { data } = useDuty(ward.id);
  const [open, setOpen] = useState(false);
  const label = useAtTime(useCallback((now: number) => {
    const on = data && onDuty(data.covers, now);
    return on ? t(on.more > 0 ? "dutyOfMore" : "dutyOf", on) : t("duty");
  }, [data, t]));
  if (!data) return null;
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>{label}</button>
      {open && <Suspense fallback={null}><DutyDialog ward={ward} onClose={() => setOpen(false)} /></Suspense>}
    </>
  );
}
