// Who answers: by age the representative, the child beside them, or the patient; never chosen beforehand.
import type { ConsentSheet } from "@/api";
import { GROUNDS, PAPERS, RELATIONS, type Answering } from "./representative";
import { useRepresentativeText, useText } from "./text";

interface Props { answers: ConsentSheet["answers"]; value: Answering; change: (value: Answering) => void; legend?: string }

export function WhoAnswers({ answers, value, change, legend }: Props) {
  const t = useText();
  const is = (self: boolean, other: boolean) => value.self === self && value.other === other;
  const radio = (self: boolean, other: boolean, label: "self" | "other" | "bothOf") => (
    <label className="choice"><input type="radio" name="answers" checked={is(self, other)} onChange={() => change({ ...value, self, other })} /> {t(label)}</label>
  );
  return (
    <fieldset className="field">
      <legend>{legend ?? t("who")}</legend>
      {answers === "representative" && <p>{t("small")}</p>}
      {answers === "both" && <p>{t("growing")}</p>}
      {(answers === "patient" || answers === "either") && <div className="choices">{radio(true, false, "self")}{radio(false, true, "other")}{answers === "either" && radio(true, true, "bothOf")}</div>}
      {value.other && <Representative answers={answers} value={value} change={change} />}
      {answers === "both" && <label className="choice"><input type="checkbox" name="child" checked={value.self} onChange={(event) => change({ ...value, self: event.target.checked })} /> {t("childToo")}</label>}
    </fieldset>
  );
}

function Representative({ answers, value, change }: Props) {
  const t = useText();
  const words = useRepresentativeText();
  const one = value.representative;
  const put = (part: keyof typeof one) => (event: { target: { value: string } }) => change({ ...value, representative: { ...one, [part]: event.target.value } });
  const minor = answers === "representative" || answers === "both";
  const grounds = minor ? (["minor"] as const) : answers === "either" ? GROUNDS : GROUNDS.filter((ground) => ground !== "minor");
  const choice = (part: "relation" | "ground" | "idPaper", codes: readonly string[], prefix: "relation" | "ground" | "paper") => (
    <label className="field w6"><span>{t(part)}</span>
      <select className="box" name={part} value={one[part]} onChange={put(part)}>
        <option value="">{t("pick")}</option>
        {codes.map((code) => <option key={code} value={code}>{words(`${prefix}-${code}` as Parameters<typeof words>[0])}</option>)}
      </select>
    </label>
  );
  return (
    <div className="formgrid">
      <label className="field w6"><span>{t("name")}</span><input type="text" name="repName" maxLength={120} autoComplete="off" value={one.name} onChange={put("name")} /></label>
      {choice("relation", RELATIONS, "relation")}
      {choice("ground", grounds, "ground")}
      {choice("idPaper", PAPERS, "paper")}
      <label className="field w6"><span>{t("idNumber")}</span><input type="text" name="idNumber" maxLength={40} autoComplete="off" value={one.idNumber} onChange={put("idNumber")} /></label>
    </div>
  );
}
