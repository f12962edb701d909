// Beside the form: its time, what it still needs, and the abbreviations that were written out.
import type { Expanded, FormDefinition } from "@/api";
import { Missing } from "./missing";
import type { Gap } from "./rules";
import { useText } from "./text";

interface Props {
  definition: FormDefinition; effective: string; setTime: (text: string) => void; timeWrong: boolean; prefilled: boolean;
  toSign: readonly Gap[]; atClose: readonly Gap[]; expanded: readonly Expanded[]; jump: (place: string) => void;
}
const faultsOf = (found: readonly Gap[]) => found.map(({ place, field }) => ({ place, sentence: field.label }));

export function EditorSide({ definition, effective, setTime, timeWrong, prefilled, toSign, atClose, expanded, jump }: Props) {
  const t = useText();
  return (
    <aside className="editside" aria-label={t("state")}>
      <label className="field" data-place="effective-at">
        <span>{t("time")}</span>
        <input type="text" name="effective-at" autoComplete="off" value={effective} aria-invalid={timeWrong || undefined} aria-describedby={timeWrong ? "w-effective-at" : undefined} onChange={(event) => setTime(event.target.value)} />
        {timeWrong && <small className="wrong" id="w-effective-at">{t("atWrong")}</small>}
      </label>
      {toSign.length === 0 ? <p><span className="tag good">✓ {t("nothingMissing")}</span></p> : (
        <>
          <Missing definition={definition} title={t("missingToSign")} faults={faultsOf(toSign)} jump={jump} loud />
          <p className="muted"><kbd>F8</kbd> {t("nextGap")}</p>
        </>
      )}
      {atClose.length > 0 && <Missing definition={definition} title={t("missingAtClose")} faults={faultsOf(atClose)} jump={jump} />}
      {prefilled && <p className="muted prefillnote">{t("prefilledHint")}</p>}
      {expanded.length > 0 && (
        <section className="expanded">
          <h3>{t("written")}</h3>
          <ul>{expanded.map(({ short, long }) => <li key={short}>{t("expansion", { short, long })}</li>)}</ul>
        </section>
      )}
    </aside>
  );
}
