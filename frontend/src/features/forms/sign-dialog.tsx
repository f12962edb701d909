// One PIN for one slot of one version, after what is signed, or sealed for a department, has been said.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys, send, type FilledForm, type FormSlot } from "@/api";
import { fullDateTime } from "@/lib/time";
import { PinDialog } from "@/ui/pin-dialog";
import { useText } from "./text";

interface Props { encounterId: string; filled: FilledForm; slot: FormSlot; onClose: () => void; onSigned: (filled: FilledForm) => void }
export function SignDialog({ encounterId, filled, slot, onClose, onSigned }: Props) {
  const t = useText();
  const cache = useQueryClient();
  const { entry } = filled;
  const [chosen, setChosen] = useState(slot.seals[0]?.id ?? null);
  const seal = slot.seals.find((one) => one.id === chosen);
  const sign = async (pin: string) => {
    const signed = await send<FilledForm>("POST", `/filled-forms/${entry.id}/sign`, { version: entry.version, slot: slot.name, pin, department: chosen });
    cache.setQueryData(keys.filled(encounterId, entry.id), signed);
    void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) });
    void cache.invalidateQueries({ queryKey: keys.formsToSign });
    onSigned(signed);
  };
  const about = { n: entry.version, time: fullDateTime(entry.effectiveAt) };
  return (
    <PinDialog title={t(seal ? "sealTitle" : "signTitle", { title: entry.title })} action={t(seal ? "seal" : "signNow")} sign={sign} onClose={onClose} heldBy={seal?.keyHolder}>
      <p>{seal ? t("sealLead", { ...about, department: seal.name }) : t("signLead", { ...about, slot: slot.label })}</p>
      {slot.seals.length > 1 && (
        <label className="field"><span>{t("sealWhose")}</span>
          <select className="box" name="department" value={chosen ?? ""} onChange={(event) => setChosen(event.target.value)}>{slot.seals.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}</select>
        </label>
      )}
    </PinDialog>
  );
}
