// F7: a device's set is kept as «rejected», with the reason. Digits choose, so the hand stays on the keyboard.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type KeyboardEvent } from "react";
import { keys, send, type RoundRow, type VitalSet } from "@/api";
import { useCommon } from "@/i18n";
import { useWard } from "@/lib/ward";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

const REASONS = ["reject1", "reject2", "reject3"] as const;

export function RejectDialog({ row, onClose }: { row: RoundRow; onClose: () => void }) {
  const t = useText();
  const common = useCommon();
  const ward = useWard();
  const cache = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const reject = async (reason: string) => {
    if (!row.proposed) return;
    try {
      await send<VitalSet>("POST", `/vitals/${row.proposed.id}/reject`, { version: row.proposed.version, reason });
      await cache.invalidateQueries({ queryKey: keys.round(ward.id) });
      onClose();
    } catch (refused) {
      setError(refused);
    }
  };
  const digit = (event: KeyboardEvent) => {
    const reason = REASONS[Number(event.key) - 1];
    if (reason) void reject(t(reason));
  };
  return (
    <Dialog title={t("rejectTitle", { bed: row.bed })} onClose={onClose}>
      <p className="muted">{t("rejectHint")}</p>
      {REASONS.map((reason, i) => (
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog is opened by a key and answered by a key
        <button key={reason} type="button" className="btn" autoFocus={i === 0} onKeyDown={digit} onClick={() => void reject(t(reason))}><kbd>{i + 1}</kbd> {t(reason)}</button>
      ))}
      <Refusal error={error} />
      <div className="actions"><button type="button" className="btn quiet" onClick={onClose}>{common("cancel")}</button></div>
    </Dialog>
  );
}
