// «Bác sĩ điều trị»: who is named in a stay, since when by whose word, and who else is asked.
import { useState } from "react";
import { send, type Treating, type TreatingDoctor } from "@/api";
import { useCommon } from "@/i18n";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/status";
import { EndDialog } from "./end-dialog";
import { NamesTable } from "./names-table";
import { NameForm } from "./name-form";
import { treatingPath, useKeepTreating, useTreating } from "./queries";
import { useText } from "./text";

interface ListProps { doctors: readonly TreatingDoctor[]; end: ((doctor: TreatingDoctor) => void) | null; ended: number }
function Doctors({ doctors, end, ended }: ListProps) {
  const t = useText();
  const rows = doctors.map((doctor) => ({
    key: doctor.user.id,
    user: doctor.user,
    cells: [t(`part-${doctor.part}`), fullDateTime(doctor.since), doctor.assignedBy.name],
    end: end && (() => end(doctor)),
  }));
  return <NamesTable label={t("treatingTitle")} heads={[t("part"), t("since"), t("by")]} rows={rows} none={t("nobody")} ended={ended} />;
}

export function TreatingDialog({ encounterId, onClose }: { encounterId: string; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const { user } = useSession().session;
  const keep = useKeepTreating(encounterId);
  const found = useTreating(encounterId);
  const [ending, setEnding] = useState<TreatingDoctor | null>(null);
  const [ended, setEnded] = useState(0);
  const [said, setSaid] = useState("");
  const state = found.data;
  const stop = () => setEnding(null);
  return (
    <Dialog title={t("treatingTitle")} onClose={onClose} wide>
      {found.isPending && <Loading />}
      {!state && found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {state && <Doctors doctors={state.doctors} end={state.mayAssign ? setEnding : null} ended={ended} />}
      {state?.mayAssign && <NameForm encounterId={encounterId} onStale={() => keep(null)} onDone={(next, words) => { setSaid(words); keep(next); }} />}
      <div className="actions">
        <span className="muted grow" role="status">{said}</span>
        <button type="button" className="btn" onClick={onClose}>{common("close")}</button>
      </div>
      {ending && (
        <EndDialog
          title={t("endTreating")} lead={t(ending.user.id === user.id ? "endTreatingOwn" : "endTreatingLead", { name: ending.user.name })}
          end={() => send<Treating>("POST", `${treatingPath(encounterId)}/${ending.user.id}/end`)}
          onStale={() => keep(null)} onClose={stop}
          onDone={(next) => { setSaid(t("saidEnded", { name: ending.user.name })); setEnded((times) => times + 1); stop(); keep(next); }}
        />
      )}
    </Dialog>
  );
}
