// A certificate is issued or taken back, and somebody is given the seal.
import { useState, type SyntheticEvent } from "react";
import { send, type DepartmentSeal, type DepartmentSeals } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { of: DepartmentSeal; onClose: () => void; onDone: () => void }
const REASONS = ["lost", "suspected", "left", "changed"] as const;

export function Issue({ of: { department }, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [error, setError] = useState<unknown>(null);
  const issue = () => void send<DepartmentSeals>("POST", `/department-seals/${department.id}/certificate`).then(onDone, setError);
  return (
    <Dialog title={t("issueAsk", { name: department.name })} onClose={onClose}>
      <p>{t("issueLead")}</p>
      <Refusal error={error} />
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="button" className="btn p" onClick={issue}>{t("issue")}</button></div>
    </Dialog>
  );
}

export function Revoke({ of: { department }, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState<string>("lost");
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void send<DepartmentSeals>("POST", `/department-seals/${department.id}/revoke`, { reason, note }).then(onDone, setError);
  };
  return (
    <Dialog title={t("revokeAsk", { name: department.name })} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>{t("revokeLead")}</p>
        <label className="field"><span>{t("reason")}</span><select className="box" value={reason} onChange={(event) => setReason(event.target.value)}>{REASONS.map((one) => <option key={one} value={one}>{t(one)}</option>)}</select></label>
        <label className="field"><span>{t("note")}</span><input type="text" value={note} maxLength={300} onChange={(event) => setNote(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("revoke")}</button></div>
      </form>
    </Dialog>
  );
}

export function Name({ of: { department, candidates }, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [userId, setUserId] = useState(candidates[0]?.id ?? "");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void send<DepartmentSeals>("POST", `/department-seals/${department.id}/keepers`, { userId }).then(onDone, setError);
  };
  return (
    <Dialog title={t("nameAsk", { name: department.name })} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>{t(candidates.length > 0 ? "nameLead" : "noCandidate")}</p>
        {candidates.length > 0 && <label className="field"><span>{t("person")}</span><select className="box" name="userId" value={userId} onChange={(event) => setUserId(event.target.value)}>{candidates.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select></label>}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>{candidates.length > 0 && <button type="submit" className="btn p">{t("name")}</button>}</div>
      </form>
    </Dialog>
  );
}
