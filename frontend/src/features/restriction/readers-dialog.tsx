// «Người xem»: restricts a record that everybody reads, or shows who reads one that is restricted.
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/status";
import { useKeepAnswer, useRestriction } from "./queries";
import { Readers } from "./readers";
import { RestrictForm } from "./restrict-form";
import { useText } from "./text";

export function ReadersDialog({ encounterId, onClose }: { encounterId: string; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const keep = useKeepAnswer(encounterId);
  const found = useRestriction(encounterId);
  const state = found.data;
  const restriction = state?.restriction ?? null;
  return (
    <Dialog title={t(restriction || !state?.mayRestrict ? "readersTitle" : "restrictTitle")} onClose={onClose} wide={restriction !== null}>
      {found.isPending && <Loading />}
      {!state && found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {state && restriction && <Readers encounterId={encounterId} restriction={restriction} state={state} onClose={onClose} />}
      {/* Somebody else lifted it meanwhile. */}
      {state && !restriction && !state.mayRestrict && (
        <>
          <p>{t("openToAll")}</p>
          <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button></div>
        </>
      )}
      {state?.mayRestrict && !restriction && <RestrictForm encounterId={encounterId} onClose={onClose} onDone={(next) => { onClose(); keep(next); }} />}
    </Dialog>
  );
}
