// The two steps that are asked once more: to approve, and to begin, after which nothing stops it.
import { useState, type FormEvent, type ReactNode } from "react";
import { send, type DestructionList } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface AskProps { title: string; action: string; danger: boolean; to: string; onClose: () => void; onDone: () => void; children: ReactNode }
function Ask({ title, action, danger, to, onClose, onDone, children }: AskProps) {
  const common = useCommon();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    send<DestructionList>("POST", to).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        {children}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button><button type="submit" className={danger ? "btn danger" : "btn p"} disabled={busy}>{action}</button></div>
      </form>
    </Dialog>
  );
}

interface Props { list: DestructionList; path: string; onClose: () => void; onDone: () => void }
export function ApproveDialog({ list, path, onClose, onDone }: Props) {
  const t = useText();
  return <Ask title={t("approveTitle", { n: list.size })} action={t("doApprove")} danger={false} to={`${path}/approve`} onClose={onClose} onDone={onDone}><p>{t("approveLead", { decision: list.decision })}</p></Ask>;
}

export function BeginDialog({ list, path, onClose, onDone }: Props) {
  const t = useText();
  const { size: n, number } = list;
  return (
    <Ask title={t("beginTitle", { n })} action={t("doBegin", { n })} danger to={`${path}/begin`} onClose={onClose} onDone={onDone}>
      <p>{t("beginWhat", { n, number })}</p>
      <p><b>{t("beginNever")}</b></p>
      <p className="muted">{t("beginLeft")}</p>
    </Ask>
  );
}
