// Thẩm quyền xác nhận: by which paper somebody confirms for the hospital; entered here, and taken back here.
import { useState, type SyntheticEvent } from "react";
import { send, type UserRow } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

const CAPACITIES = ["head", "delegate"] as const;
/** The end of that day in Vietnam. */
const endOf = (day: string) => new Date(`${day}T23:59:59+07:00`).toISOString();

interface Props { user: UserRow; onClose: () => void; onDone: () => void }
export function Confirming({ user, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [capacity, setCapacity] = useState<(typeof CAPACITIES)[number]>("head");
  const [decision, setDecision] = useState("");
  const [end, setEnd] = useState("");
  const [withdrawing, setWithdrawing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const held = user.confirming;
  if (withdrawing && held) {
    return <ReasonDialog title={t("authorityWithdrawAsk", { name: user.name })} lead={t("authorityWithdrawLead")} label={t("takeBackReason")} action={t("authorityWithdraw")} missing={t("needReason")} path={`/confirming-authorities/${held.id}/withdraw`} onClose={() => setWithdrawing(false)} onDone={onDone} />;
  }
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const words = decision.trim().normalize("NFC");
    if (words.length < 5) return setError(new Error(t("needDecision")));
    if (capacity === "delegate" && !end) return setError(new Error(t("needEnd")));
    void send<UserRow>("POST", `/users/${user.id}/confirming-authorities`, { capacity, decision: words, ...(end && { until: endOf(end) }) }).then(onDone, setError);
  };
  return (
    <Dialog title={`${t("authority")}: ${user.name}`} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("authorityLead")}</p>
        {held && <p><b>{t("authorityNow")}:</b> {held.capacityText}, {held.decision} <button type="button" className="btn small danger" onClick={() => setWithdrawing(true)}>{t("authorityWithdraw")}</button></p>}
        <label className="field"><span>{t("authorityCapacity")}</span>
          <select className="box" name="capacity" value={capacity} onChange={(event) => setCapacity(event.target.value as typeof capacity)}>{CAPACITIES.map((one) => <option key={one} value={one}>{t(one)}</option>)}</select>
        </label>
        <label className="field"><span>{t("authorityDecision")}</span><input type="text" name="decision" value={decision} maxLength={200} onChange={(event) => setDecision(event.target.value)} /></label>
        <label className="field"><span>{t("authorityEnd")}</span><input type="date" name="until" value={end} onChange={(event) => setEnd(event.target.value)} /><small>{t("authorityEndHint")}</small></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("authorityEnter")}</button></div>
      </form>
    </Dialog>
  );
}
