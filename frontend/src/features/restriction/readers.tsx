// Who reads a restricted record, and since when by whose word; with what the caller may change about it.
import { useEffect, useRef, useState } from "react";
import type { RecordReader, Restriction, RestrictionState } from "@/api";
import { useCommon } from "@/i18n";
import { useColleagueText } from "@/i18n/colleagues";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import "@/ui/table.css";
import { AssignForm } from "./assign-form";
import { DismissDialog } from "./dismiss-dialog";
import { restrictionPath, useKeepAnswer } from "./queries";
import { useText } from "./text";

interface TableProps { readers: readonly RecordReader[]; dismiss: ((reader: RecordReader) => void) | null; dismissed: number }
function Table({ readers, dismiss, dismissed }: TableProps) {
  const t = useText();
  const people = useColleagueText();
  const { user } = useSession().session;
  const whole = useRef<HTMLDivElement>(null);
  // The row that had the focus is gone with whom it was about.
  useEffect(() => {
    if (dismissed > 0) whole.current?.focus();
  }, [dismissed]);
  return (
    <div className="scroll-x" ref={whole} tabIndex={-1} role="region" aria-label={t("readersTitle")}>
      <table className="grid">
        <thead><tr><th scope="col">{t("name")}</th><th scope="col">{t("role")}</th><th scope="col">{t("since")}</th><th scope="col">{t("by")}</th>{dismiss && <th scope="col"><span className="sr">{t("action")}</span></th>}</tr></thead>
        <tbody>
          {readers.map((reader) => (
            <tr key={reader.user.id}>
              <td><b>{reader.user.name}</b>{reader.user.id === user.id && <> <span className="tag">{t("you")}</span></>}</td>
              <td>{people(`role-${reader.user.role}`)}</td>
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

interface Props { encounterId: string; restriction: Restriction; state: RestrictionState; onClose: () => void }
export function Readers({ encounterId, restriction, state, onClose }: Props) {
  const t = useText();
  const common = useCommon();
  const keep = useKeepAnswer(encounterId);
  const [dismissing, setDismissing] = useState<RecordReader | null>(null);
  const [dismissed, setDismissed] = useState(0);
  const [lifting, setLifting] = useState(false);
  const [said, setSaid] = useState("");
  const stop = () => setDismissing(null);
  const gone = ({ user }: RecordReader) => (next: RestrictionState) => {
    setSaid(t("saidDismissed", { name: user.name }));
    setDismissed((times) => times + 1);
    stop();
    keep(next);
  };
  return (
    <>
      <p className="muted">{t("restrictedBy", { name: restriction.restrictedBy.name, time: fullDateTime(restriction.restrictedAt) })}</p>
      {restriction.kind && <p><b>{t(restriction.kind)}</b>{restriction.reason && `: ${restriction.reason}`}</p>}
      <Table readers={restriction.readers} dismiss={state.mayAssign ? setDismissing : null} dismissed={dismissed} />
      {state.mayAssign && <AssignForm encounterId={encounterId} onDone={(next, words) => { setSaid(words); keep(next); }} />}
      <div className="actions">
        <span className="muted grow" role="status">{said}</span>
        {state.mayLift && <button type="button" className="btn danger" onClick={() => setLifting(true)}>{t("lift")}</button>}
        <button type="button" className="btn" onClick={onClose}>{common("close")}</button>
      </div>
      {dismissing && <DismissDialog encounterId={encounterId} reader={dismissing} onClose={stop} onDone={gone(dismissing)} />}
      {lifting && <ReasonDialog title={t("liftTitle")} lead={t("liftLead")} label={t("liftWhy")} action={t("lift")} name="reason" missing={t("needReason")} path={`${restrictionPath(encounterId)}/lift`} onClose={() => setLifting(false)} onDone={() => { onClose(); keep(null); }} />}
    </>
  );
}
