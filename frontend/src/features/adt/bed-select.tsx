import { useBeds } from "./queries";
import { useText } from "./text";

interface Props { label: string; wardId: string; value: string; onChange: (bedId: string, free: boolean) => void; optional?: boolean; without?: string | undefined }
export function BedSelect({ label, wardId, value, onChange, optional = false, without }: Props) {
  const t = useText();
  const beds = useBeds(wardId);
  const list = (beds.data ?? []).filter((bed) => bed.id !== without);
  return (
    <label className="field">
      <span>{label}</span>
      <select className="box" name="bed" value={value} onChange={(event) => onChange(event.target.value, list.find((bed) => bed.id === event.target.value)?.free ?? true)}>
        <option value="">{optional ? t("noBed") : ""}</option>
        {list.map((bed) => <option key={bed.id} value={bed.id}>{t(bed.free ? "bedFree" : "bedTaken", { bed: bed.label, room: bed.room })}</option>)}
      </select>
    </label>
  );
}
