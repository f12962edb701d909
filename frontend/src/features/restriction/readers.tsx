// Who reads a restricted record, and since when by whose word; with what the caller may change about it.
import { useState } from "react";
import type { Reader, Restriction, RestrictionState } from "@/api";
import { useCommon } from "@/i18n";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import "@/ui/table.css";
import { AssignForm } from "./assign-form";
import { DismissDialog } from "./dismiss-dialog";
import { restrictionPath, useKeepAnswer } from "./queries";
import { useText } from "./text";

interface TableProps { readers: readonly Reader[]; dismiss: ((reader: Reader) => void) | null }
function Table({ readers, dismiss }: TableProps) {
  const t = useText();
  const { user } = useSession().session;
  return (
    <div className="scroll-x">
      <table className="grid">
        <thead><tr><th scope="col">{t("name")}</th><th scope="col">{t("role")}</th><th scope="col">{t("since")}</th><th scope="col">{t("by")}</th>{dismiss && <th scope="col"><span className="sr">{t("action")}</span></th>}</tr></thead>
        <tbody>
          {readers.map((reader) => (
            <tr key={reader.user.id}>
              <td><b>{reader.user.name}</b>{reader.user.id === user.id && <> <span className="tag">{t("you")}</span></>}</td>
              <td>{t(`role-${reader.user.role}`)}</td>
              <td>{fullDateTime(reader.assignedAt)}</td>
              <td>{reader.assignedBy.name}</td>
              {dismiss && <td className="num"><button type="button" className="btn small" aria-label={t("dismissOne", { name: reader.user.name })} onClick={() => dismiss(reader)}>{t("dismiss")}</button></td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Until the server says what may be done next. */
const LIFTED: RestrictionState = { restriction: null, mayRestrict: false, mayLift: false, mayAssign: false };

interface Props { encounterId: string; restriction: Restriction; state: RestrictionState; onClose: () => void }
export function Readers({ encounterId, restriction, state, onClose }: Props) {
  const t = useText();
  const common = useCommon();
  const keep = useKeepAnswer(encounterId);
  const [dismissing, setDismissing] = useState<Reader | null>(null);
  const [lifting, setLifting] = useState(false);
  const [said, setSaid] = useState("");
  const stop = () => setDismissing(null);
  return (
    <>
      <p className="muted">{t("restrictedBy", { name: restriction.restrictedBy.name, time: fullDateTime(restriction.restrictedAt) })}</p>
      {restriction.kind && <p><b>{t(restriction.kind)}</b>{restriction.reason && `: ${restriction.reason}`}</p>}
      <Table readers={restriction.readers} dismiss={state.mayAssign ? setDismissing : null} />
      {state.mayAssign && <AssignForm encounterId={encounterId} onDone={(next, words) => { setSaid(words); keep(next); }} />}
      <div className="actions">
        <span className="muted grow" role="status">{said}</span>
        {state.mayLift && <button type="button" className="btn danger" onClick={() => setLifting(true)}>{t("lift")}</button>}
        <button type="button" className="btn" onClick={onClose}>{common("close")}</button>
      </div>
      {dismissing && <DismissDialog encounterId={encounterId} reader={dismissing} onClose={stop} onDone={(next) => { setSaid(t("saidDismissed", { name: dismissing.user.name })); stop(); keep(next); }} />}
      {lifting && <ReasonDialog title={t("liftTitle")} lead={t("liftLead")} label={t("liftWhy")} action={t("lift")} name="reason" missing={t("needReason")} path={`${restrictionPath(encounterId)}/lift`} onClose={() => setLifting(false)} onDone={() => { onClose(); keep(LIFTED); }} />}
    </>
  );
}
