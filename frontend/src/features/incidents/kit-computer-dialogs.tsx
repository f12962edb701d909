// A computer of a ward gets its token, shown once, or loses it.
import { useState, type FormEvent } from "react";
import { send, type KitComputer, type KitTokenIssued, type WardRef } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

function Issued({ issued, onClose }: { issued: KitTokenIssued; onClose: () => void }) {
  const t = useText();
  const { computer, token } = issued;
  const command = `benhan downtime fetch --server ${window.location.origin} --ca-file ca.pem --ward ${computer.ward.code} --token-file kit.token --to .`;
  return (
    <Dialog title={t("computerToken", { label: computer.label })} onClose={onClose} wide>
      <div className="stack">
        <p className="kit-token"><code>{token}</code></p>
        <p className="muted">{t("computerTokenLead")}</p>
        <p className="kit-token"><code>{command}</code></p>
        <div className="actions"><button type="button" className="btn p" onClick={onClose}>{t("computerTokenDone")}</button></div>
      </div>
    </Dialog>
  );
}

export function IssueDialog({ wards, onClose }: { wards: WardRef[]; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const [wardId, setWardId] = useState(wards[0]?.id ?? "");
  const [label, setLabel] = useState("");
  const [issued, setIssued] = useState<KitTokenIssued | null>(null);
  const [error, setError] = useState<unknown>(null);
  if (issued) return <Issued issued={issued} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!label.trim()) return setError(new Error(t("computerNeedLabel")));
    send<KitTokenIssued>("POST", "/downtime/computers", { wardId, label: label.trim().normalize("NFC") }).then(setIssued, setError);
  };
  return (
    <Dialog title={t("computerIssue")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("kitWard")}</span>
          <select className="box" name="ward" value={wardId} onChange={(event) => setWardId(event.target.value)}>
            {wards.map((ward) => <option key={ward.id} value={ward.id}>{ward.name}</option>)}
          </select>
        </label>
        <label className="field"><span>{t("computerLabel")}</span><input type="text" name="label" autoComplete="off" maxLength={80} value={label} onChange={(event) => setLabel(event.target.value)} /><small>{t("computerLabelHint")}</small></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("computerIssue")}</button></div>
      </form>
    </Dialog>
  );
}

export function RevokeDialog({ computer, onClose, onDone }: { computer: KitComputer; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [error, setError] = useState<unknown>(null);
  const revoke = () => void send<KitComputer>("POST", `/downtime/computers/${computer.id}/revoke`).then(onDone, setError);
  return (
    <Dialog title={t("computerRevokeAsk", { label: computer.label })} onClose={onClose}>
      <div className="stack">
        <p>{t("computerRevokeLead")}</p>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="button" className="btn danger" onClick={revoke}>{t("computerRevoke")}</button></div>
      </div>
    </Dialog>
  );
}
