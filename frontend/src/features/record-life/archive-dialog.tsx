// Into the archive: asked once more, because nobody takes it back.
import { useState, type FormEvent } from "react";
import { send, type RecordLife } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Incomplete } from "./incomplete";
import { useText } from "./text";

interface Props { encounterId: string; number: string; onClose: () => void; onDone: (life: RecordLife) => void }
export function ArchiveDialog({ encounterId, number, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    send<RecordLife>("POST", `/encounters/${encounterId}/record/archive`).then(onDone, setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={t("archiveTitle", { number })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("archiveLead")}</p>
        <Incomplete error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("doArchive")}</button></div>
      </form>
    </Dialog>
  );
}
