// Why something on record is replaced: a kind and words.
import type { ReasonCode } from "@/api/types";
import { useChartText } from "@/i18n/chart";

const CODES: readonly [ReasonCode, "typo" | "remeasured" | "wrongPatient" | "other"][] = [["typo", "typo"], ["remeasured", "remeasured"], ["wrong-patient", "wrongPatient"], ["other", "other"]];

interface Props { code: ReasonCode; setCode: (code: ReasonCode) => void; reason: string; setReason: (reason: string) => void }
export function ReasonFields({ code, setCode, reason, setReason }: Props) {
  const t = useChartText();
  return (
    <>
      <fieldset className="field">
        <legend>{t("reasonCode")}</legend>
        <div className="choices">
          {CODES.map(([one, name]) => <label className="choice" key={one}><input type="radio" name="reason-code" checked={code === one} onChange={() => setCode(one)} /> {t(name)}</label>)}
        </div>
      </fieldset>
      <label className="field"><span>{t("reasonText")}</span><input type="text" name="reason" value={reason} onChange={(event) => setReason(event.target.value)} /></label>
    </>
  );
}
