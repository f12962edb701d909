// A field with its name, its marks (needed, filled by the program, worked out) and what is wrong with it.
import { memo, useCallback, useState } from "react";
import type { FormField } from "@/api";
import { figure } from "@/lib/number";
import { asRadios, Control, isSingle } from "./control";
import { TableControl } from "./table-control";
import { useText } from "./text";
import { written, type Typed } from "./typed";

export type SetField = (name: string, next: Typed | ((was: Typed | undefined) => Typed)) => void;
interface Props {
  field: FormField; typed: Typed | undefined; set: SetField;
  /** Of a calculated field. */
  answer: number | null;
  /** By place; those of the server, and those of this page once the field was left. */
  faults: Readonly<Record<string, string>> | undefined; refused: Readonly<Record<string, string>> | undefined; tried: boolean;
  need: "sign" | "close" | null; prefilled: boolean;
}

export const FieldView = memo(function FieldView({ field, typed, set, answer, faults, refused, tried, need, prefilled }: Props) {
  const t = useText();
  const [left, setLeft] = useState(false);
  const { name, kind } = field;
  const change = useCallback((next: Typed | ((was: Typed | undefined) => Typed)) => set(name, next), [set, name]);
  const own = left || tried ? faults : undefined;
  const shown = own || refused ? { ...own, ...refused } : undefined;
  const wrong = shown?.[name];
  const unit = field.unit_label ?? field.unit;
  const bounds = field.low !== undefined && field.high !== undefined ? t("between", { low: written(field.low), high: written(field.high) }) : null;

  const title = (
    <>
      {field.label}
      {kind === "score" && !unit && bounds && (field.high ?? 0) <= 100 && <span className="bounds"> ({bounds})</span>}
      {need && <span className={`need ${need}`}>{t(need === "sign" ? "needSign" : "needClose")}</span>}
      {prefilled && !left && <span className="tag new">{t("prefilled")}</span>}
    </>
  );
  const foot = (
    <>
      {wrong && <small className="wrong" id={`w-${name}`}>{wrong}</small>}
      {field.hint && <small>{field.hint}</small>}
    </>
  );
  const control = <Control field={field} typed={typed} change={change} place={name} wrong={wrong !== undefined} describedBy={wrong && `w-${name}`} />;
  const body = () => {
    if (field.calculation) {
      return (
        <div className="field">
          <span>{field.label} <span className="bounds">({t("calculated")})</span></span>
          <output className="answer" aria-label={field.label}>{answer === null ? <span className="muted">{t("waitsFor")}</span> : <>{figure(answer, field.decimals ?? 0)} {unit}</>}</output>
          {foot}
        </div>
      );
    }
    if (kind === "table") return <fieldset className="field"><legend>{title}</legend>{foot}<TableControl field={field} typed={typed} change={change} faults={shown} /></fieldset>;
    if (kind === "check") return <div className="field"><label className="choice checkline">{control} <span>{title}</span></label>{foot}</div>;
    if (kind === "choices" || kind === "diagnosis" || asRadios(field)) return <fieldset className="field"><legend>{title}</legend>{control}{foot}</fieldset>;
    return (
      <label className="field">
        <span>{title}</span>
        {isSingle(kind) && unit ? <span className="withunit">{control}<span>{unit}</span></span> : control}
        {foot}
      </label>
    );
  };
  return (
    // Left once, a field is judged, and what the program filled in has been seen.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- hears the focus leave, nothing else
    <div className={`ff w-${field.width} k-${kind}${prefilled && !left ? " prefilled" : ""}`} data-place={name} onBlur={() => setLeft(true)}>{body()}</div>
  );
});
