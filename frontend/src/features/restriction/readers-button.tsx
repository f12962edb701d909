// On the chart, for who may change who reads it, and for everybody where not all read it.
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import type { RestrictionState } from "@/api";
import { Icon } from "@/ui/icons";
import { useText } from "./text";

const ReadersDialog = lazy(() => import("./readers-dialog").then((m) => ({ default: m.ReadersDialog })));

export function ReadersButton({ encounterId, state }: { encounterId: string; state: RestrictionState | undefined }) {
  const t = useText();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const [closed, setClosed] = useState(0);
  // Lifting closes two dialogs at once, and neither of them knows where the focus came from.
  useEffect(() => {
    if (closed > 0) button.current?.focus();
  }, [closed]);
  const close = () => {
    setOpen(false);
    setClosed((times) => times + 1);
  };
  if (!state?.restriction && !state?.mayRestrict && !state?.mayAssign && !state?.mayLift) return null;
  return (
    <>
      <button ref={button} type="button" className="btn small" onClick={() => setOpen(true)}>{state.restriction && <Icon name="lock" size={14} />}{t("readers")}</button>
      {open && <Suspense fallback={null}><ReadersDialog encounterId={encounterId} onClose={close} /></Suspense>}
    </>
  );
}
