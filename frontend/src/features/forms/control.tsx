// What one field is typed into, by its kind. In a table the same controls stand in cells and are named by their column.
import type { FormField } from "@/api";
import { now } from "@/lib/clock";
import { useText } from "./text";
import { codesIn, diagnosisIn, same, tidy, wordsIn, type Typed, type TypedCell } from "./typed";

/** Up to so many options are seen at once; more are a list. */
const RADIOS = 5;

export interface ControlProps {
  field: FormField; typed: Typed | undefined; change: (next: TypedCell) => void;
  /** Unique on the page: radio buttons of one question share it. */
  place: string;
  /** In a table: what the cell is called. */
  label?: string;
  wrong: boolean; describedBy?: string | undefined;
}

const SINGLE = { line: { mode: "text", hint: "" }, quantity: { mode: "decimal", hint: "" }, score: { mode: "numeric", hint: "" }, "blood-pressure": { mode: "decimal", hint: "120/80" }, date: { mode: "numeric", hint: "dd/mm/yyyy" }, instant: { mode: "text", hint: "HH:mm dd/mm/yyyy" } } as const;
type SingleKind = keyof typeof SINGLE;
export const isSingle = (kind: string): kind is SingleKind => kind in SINGLE;
export const asRadios = (field: FormField) => field.kind === "choice" && (field.options ?? []).length <= RADIOS;

/** Lines that the words take, for browsers that cannot grow a text box by themselves. */
const linesOf = (text: string, wide: number) => text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / wide)), 0);

export function Control({ field, typed, change, place, label, wrong, describedBy }: ControlProps) {
  const t = useText();
  const common = { "aria-label": label, "aria-invalid": wrong || undefined, "aria-describedby": describedBy };
  if (isSingle(field.kind)) {
    const { mode, hint } = SINGLE[field.kind];
    const leave = () => {
      const neat = tidy(field, typed, now());
      if (neat !== undefined && !same(neat, typed)) change(neat as TypedCell);
    };
    return <input {...common} type="text" inputMode={mode} placeholder={hint || undefined} autoComplete="off" value={wordsIn(typed)} onChange={(event) => change(event.target.value)} onBlur={leave} />;
  }
  switch (field.kind) {
    case "text":
      return <textarea {...common} rows={Math.max(label ? 1 : 2, linesOf(wordsIn(typed), label ? 30 : 110))} value={wordsIn(typed)} onChange={(event) => change(event.target.value)} />;
    case "choice":
      return asRadios(field) && !label ? <Radios field={field} typed={typed} change={change} place={place} wrong={wrong} describedBy={describedBy} /> : (
        <select {...common} className="box" value={wordsIn(typed)} onChange={(event) => change(event.target.value)}>
          <option value="">{t("pickOption")}</option>
          {field.options?.map((option) => <option key={option.code} value={option.code}>{option.label}</option>)}
        </select>
      );
    case "choices": {
      const chosen = codesIn(typed);
      const toggle = (code: string) => change((field.options ?? []).map((one) => one.code).filter((one) => (one === code ? !chosen.includes(one) : chosen.includes(one))));
      return (
        <div className="choices" role={label ? "group" : undefined} aria-label={label}>
          {field.options?.map((option) => <label className="choice" key={option.code}><input {...common} aria-label={undefined} type="checkbox" checked={chosen.includes(option.code)} onChange={() => toggle(option.code)} /> {option.label}</label>)}
        </div>
      );
    }
    case "check":
      return <input {...common} type="checkbox" checked={typed === true} onChange={(event) => change(event.target.checked)} />;
    case "diagnosis": {
      const { text, code } = diagnosisIn(typed);
      return (
        <div className="diagnosis">
          <input {...common} aria-label={label ?? t("words")} type="text" autoComplete="off" value={text} onChange={(event) => change({ text: event.target.value, code })} />
          <input aria-label={label ? `${label}, ${t("icd10")}` : t("icd10")} aria-invalid={wrong || undefined} type="text" placeholder="J18.9" autoComplete="off" spellCheck={false} autoCapitalize="characters" value={code} onChange={(event) => change({ text, code: event.target.value.toUpperCase() })} />
        </div>
      );
    }
    default:
      return null;
  }
}

/** Few options, all in sight; Delete takes the answer back. */
function Radios({ field, typed, change, place, wrong, describedBy }: Omit<ControlProps, "label">) {
  const t = useText();
  const chosen = wordsIn(typed);
  return (
    <div className="choices" role="radiogroup" aria-label={field.label} aria-invalid={wrong || undefined} aria-describedby={describedBy}>
      {field.options?.map((option) => (
        <label className="choice" key={option.code}>
          <input type="radio" name={`form-${place}`} checked={chosen === option.code} onChange={() => change(option.code)} onKeyDown={(event) => (event.key === "Delete" || event.key === "Backspace") && change("")} /> {option.label}
        </label>
      ))}
      {chosen !== "" && <button type="button" className="btn quiet small" onClick={() => change("")}>{t("clear")}</button>}
    </div>
  );
}
