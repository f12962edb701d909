// A correction is a new version with a reason. Only what differs is marked; what was stays readable.
import { useState, type FormEvent } from "react";
import { newKey, send, type ReasonCode, type VitalCode, type VitalInput, type VitalSet } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { useRanges } from "@/lib/ranges";
import { ReasonFields } from "@/ui/reason-fields";
import { asInput, previewOf } from "@/lib/vitals";
import { codesOf, read, textOf, type Column } from "@/lib/vital-cell";
import { Dialog } from "@/ui/dialog";
import { News2Badge } from "@/ui/news2-badge";
import { Refusal } from "@/ui/status";
import { VitalName } from "@/ui/vital-name";

const COLUMNS: readonly Column[] = ["pulse", "temp", "bp", "resp", "spo2", "oxygen", "acvpu", "pain", "weight", "urine"];

interface Props { set: VitalSet; who: { ageYears: number }; pregnant: boolean; onClose: () => void; onSaved: () => void }
export function CorrectDialog({ set, who, pregnant, onClose, onSaved }: Props) {
  const t = useChartText();
  const common = useCommon();
  const { ranges } = useRanges();
  const words = { air: common("air"), onOxygen: common("onOxygen") };
  const before = Object.fromEntries(COLUMNS.map((column) => [column, textOf(column, set, words)])) as Record<Column, string>;
  const [typed, setTyped] = useState(before);
  const [soft, setSoft] = useState<Partial<Record<VitalCode, string>>>(() => Object.fromEntries(set.values.flatMap(({ code, outOfRangeReason }) => (outOfRangeReason ? [[code, outOfRangeReason]] : []))));
  const [code, setCode] = useState<ReasonCode>("typo");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const [key] = useState(newKey);

  const changed = COLUMNS.filter((column) => typed[column].trim() !== before[column]);
  const readings = COLUMNS.map((column) => ({ column, reading: changed.includes(column) ? read(column, typed[column], ranges) : null }));
  const untouched = set.values.filter((value) => !changed.some((column) => codesOf(column).includes(value.code))).map(asInput);
  const values: VitalInput[] = [...untouched, ...readings.flatMap(({ reading }) => (reading?.kind === "ok" || reading?.kind === "half" ? reading.values.map((value) => (reading.soft.includes(value.code) ? { ...value, outOfRangeReason: soft[value.code] ?? "" } : value)) : []))];
  const softCodes = readings.flatMap(({ reading }) => (reading?.kind === "ok" || reading?.kind === "half" ? reading.soft : []));

  async function submit(event: FormEvent) {
    event.preventDefault();
    const refused = readings.find(({ reading }) => reading?.kind === "refused");
    if (refused) return setError(new Error(t("cannotRead", { what: common(refused.column) })));
    if (changed.length === 0) return setError(new Error(t("nothingChanged")));
    if (!reason.trim() || softCodes.some((one) => !soft[one]?.trim())) return setError(new Error(t("reasonNeeded")));
    try {
      await send<VitalSet>("POST", `/vitals/${set.id}/correct`, { version: set.version, reasonCode: code, reason: reason.trim().normalize("NFC"), values }, { ifMatch: set.version, idempotencyKey: key });
      onSaved();
    } catch (failed) {
      setError(failed);
    }
  }
  return (
    <Dialog title={t("correct")} onClose={onClose} wide>
      <p className="muted">{t("correctLead")}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <div className="correctgrid">
          {COLUMNS.map((column) => {
            const wrong = readings.some((one) => one.column === column && one.reading?.kind === "refused");
            return (
              <label className="field" key={column}>
                <span><VitalName code={column} /></span>
                <input type="text" inputMode={column === "acvpu" ? "text" : "decimal"} autoComplete="off" value={typed[column]} aria-invalid={wrong} onChange={(event) => setTyped({ ...typed, [column]: event.target.value })} onFocus={(event) => event.target.select()} />
                <small>{changed.includes(column) && before[column] ? <s>{before[column]}</s> : "\u00a0"}</small>
              </label>
            );
          })}
          <div className="field"><span>NEWS2</span><News2Badge news2={previewOf(values, { ageYears: who.ageYears, pregnant })} /></div>
        </div>
        {softCodes.map((one) => (
          <label className="field" key={one}><span>{t("softReason")}: {common(one)}</span><input type="text" value={soft[one] ?? ""} onChange={(event) => setSoft({ ...soft, [one]: event.target.value })} /></label>
        ))}
        <ReasonFields code={code} setCode={setCode} reason={reason} setReason={setReason} />
        <Refusal error={error} />
        <div className="actions">
          <button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>
          <button type="submit" className="btn p">{t("saveCorrection")}</button>
        </div>
      </form>
    </Dialog>
  );
}
