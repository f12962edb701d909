// «Trực khoa»: who covers a ward now and who comes next, and the hours of one more.
import { useCallback, useState } from "react";
import { send, type Duty, type DutyCover, type WardRef } from "@/api";
import { useCommon } from "@/i18n";
import { now, useAtTime } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/status";
import { isOn, span } from "./duty";
import { DutyForm } from "./duty-form";
import { EndDialog } from "./end-dialog";
import { NamesTable } from "./names-table";
import { dutyPath, useDuty, useKeepDuty } from "./queries";
import { useText } from "./text";

interface ListProps { covers: readonly DutyCover[]; end: ((cover: DutyCover) => void) | null; ended: number }
function Covers({ covers, end, ended }: ListProps) {
  const t = useText();
  // Whose hours run moves with the minute.
  useAtTime(useCallback((at: number) => Math.floor(at / 15_000), []));
  const at = now();
  const rows = covers.map((cover) => ({
    key: cover.id,
    user: cover.user,
    tag: isOn(cover, at) && t("onNow"),
    cells: [span(cover), cover.assignedBy.name],
    end: end && (() => end(cover)),
  }));
  return <NamesTable label={t("duty")} heads={[t("hours"), t("dutyBy")]} rows={rows} none={t("nobodyOn")} ended={ended} />;
}

export function DutyDialog({ ward, onClose }: { ward: WardRef; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const { user } = useSession().session;
  const keep = useKeepDuty(ward.id);
  const found = useDuty(ward.id);
  const [ending, setEnding] = useState<DutyCover | null>(null);
  const [ended, setEnded] = useState(0);
  const [said, setSaid] = useState("");
  const state = found.data;
  const stop = () => setEnding(null);
  return (
    <Dialog title={t("dutyTitle", { ward: ward.name })} onClose={onClose} wide>
      {found.isPending && <Loading />}
      {!state && found.isError && <Failure title={t("dutyFailed")} error={found.error} retry={() => void found.refetch()} />}
      {state && <Covers covers={state.covers} end={state.mayAssign ? setEnding : null} ended={ended} />}
      {state?.mayAssign && <DutyForm wardId={ward.id} onDone={(next, words) => { setSaid(words); keep(next); }} />}
      <div className="actions">
        <span className="muted grow" role="status">{said}</span>
        <button type="button" className="btn" onClick={onClose}>{common("close")}</button>
      </div>
      {ending && (
        <EndDialog
          title={t("endDuty")} lead={t(!isOn(ending, now()) ? "endDutyComing" : ending.user.id === user.id ? "endDutyOwn" : "endDutyLead", { name: ending.user.name, hours: span(ending) })}
          end={() => send<Duty>("POST", `${dutyPath(ward.id)}/${ending.id}/end`)}
          onStale={() => keep(null)} onClose={stop}
          onDone={(next) => { setSaid(t("saidOff", { name: ending.user.name })); setEnded((times) => times + 1); stop(); keep(next); }}
        />
      )}
    </Dialog>
  );
}
