// Thu hồi chứng thư: the administrator says why, and what follows.
import { useState, type SyntheticEvent } from "react";
import { send, type UserRow } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

const REASONS = { lost: "reasonLost", suspected: "reasonSuspected", left: "reasonLeft", changed: "reasonChanged" } as const;

export function TakeBack({ user, onClose, onDone }: { user: UserRow; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState<keyof typeof REASONS>("lost");
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    void send<UserRow>("POST", `/users/${user.id}/revoke-certificate`, { reason, note }).then(onDone, setError);
  };
  return (
    <Dialog title={t("takeBackAsk", { name: user.name })} onClose={onClose}>
      <form className="stack" onSubmit={submit}>
        <p>{t("takeBackLead")}</p>
        <label className="field"><span>{t("takeBackReason")}</span>
          <select className="box" value={reason} onChange={(event) => setReason(event.target.value as keyof typeof REASONS)}>
            {Object.entries(REASONS).map(([value, words]) => <option key={value} value={value}>{t(words)}</option>)}
          </select>
        </label>
        <label className="field"><span>{t("takeBackNote")}</span><input type="text" value={note} maxLength={300} onChange={(event) => setNote(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("takeBack")}</button></div>
      </form>
    </Dialog>
  );
}
