// Asked once more: who is dismissed loses the chart at once, in the middle of whatever they do with it.
import { useState, type FormEvent } from "react";
import { send, type RecordReader, type RestrictionState } from "@/api";
import { useCommon } from "@/i18n";
import { useSession } from "@/lib/session";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { restrictionPath } from "./queries";
import { useText } from "./text";

interface Props { encounterId: string; reader: RecordReader; onClose: () => void; onDone: (state: RestrictionState) => void }
export function DismissDialog({ encounterId, reader, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const { user } = useSession().session;
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    send<RestrictionState>("POST", `${restrictionPath(encounterId)}/readers/${reader.user.id}/dismiss`).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={t("dismissTitle")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{reader.user.id === user.id ? t("dismissOwn") : t("dismissLead", { name: reader.user.name })}</p>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("dismiss")}</button></div>
      </form>
    </Dialog>
  );
}
