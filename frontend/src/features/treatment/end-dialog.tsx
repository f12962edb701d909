// Asked once more: whose part or duty ends loses the charts at once, in the middle of whatever they do there.
import { useState, type FormEvent } from "react";
import { ApiError } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props<T> { title: string; lead: string; end: () => Promise<T>; onStale: () => void; onClose: () => void; onDone: (state: T) => void }
export function EndDialog<T>({ title, lead, end, onStale, onClose, onDone }: Props<T>) {
  const t = useText();
  const common = useCommon();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    end().then(onDone, (refused: unknown) => {
      setError(refused);
      if (refused instanceof ApiError && refused.status === 409) onStale();
    }).finally(() => setBusy(false));
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{lead}</p>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("end")}</button></div>
      </form>
    </Dialog>
  );
}
