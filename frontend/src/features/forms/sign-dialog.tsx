// One PIN for one slot of one version, after what is signed has been said.
import { useQueryClient } from "@tanstack/react-query";
import { keys, send, type FilledForm, type FormSlot } from "@/api";
import { fullDateTime } from "@/lib/time";
import { PinDialog } from "@/ui/pin-dialog";
import { useText } from "./text";

interface Props { encounterId: string; filled: FilledForm; slot: FormSlot; onClose: () => void; onSigned: (filled: FilledForm) => void }
export function SignDialog({ encounterId, filled, slot, onClose, onSigned }: Props) {
  const t = useText();
  const cache = useQueryClient();
  const { entry } = filled;
  const sign = async (pin: string) => {
    const signed = await send<FilledForm>("POST", `/filled-forms/${entry.id}/sign`, { version: entry.version, slot: slot.name, pin });
    cache.setQueryData(keys.filled(encounterId, entry.id), signed);
    void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) });
    void cache.invalidateQueries({ queryKey: keys.formsToSign });
    onSigned(signed);
  };
  return (
    <PinDialog title={t("signTitle", { title: entry.title })} action={t("signNow")} sign={sign} onClose={onClose}>
      <p>{t("signLead", { n: entry.version, time: fullDateTime(entry.effectiveAt), slot: slot.label })}</p>
    </PinDialog>
  );
}
