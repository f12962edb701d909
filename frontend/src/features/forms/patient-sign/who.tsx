// Before the tablet is handed over: who is going to sign, and for a representative who they are.
import { useState, type FormEvent } from "react";
import type { Encounter } from "@/api";
import { Dialog } from "@/ui/dialog";
import { useText } from "./text";

export const RELATIONS = ["spouse", "parent", "child", "sibling", "grandparent", "grandchild", "guardian", "authorised", "other"] as const;
const GROUNDS = ["minor", "incapable", "unable", "chosen"] as const;
const PAPERS = ["citizen-card", "passport", "birth-certificate", "other"] as const;
export interface Representative { name: string; relation: string; ground: string; idPaper: string; idNumber: string }

type Gap = "needName" | "needRelation" | "needGround" | "needPaper" | "needNumber";
const ADULT = 18;
const gapsOf = (one: Representative): Partial<Record<keyof Representative, Gap>> => ({
  ...(one.name.trim().length < 2 && { name: "needName" as const }),
  ...(!one.relation && { relation: "needRelation" as const }),
  ...(!one.ground && { ground: "needGround" as const }),
  ...(!one.idPaper && { idPaper: "needPaper" as const }),
  ...(one.idNumber.replace(/\s/g, "").length < 4 && { idNumber: "needNumber" as const }),
});

interface Props { slot: string; lead?: string; action?: string; patient: Encounter["patient"]; given: Representative | null; onClose: () => void; onReady: (representative: Representative | null) => void }
export function WhoSigns({ slot, lead, action, patient, given, onClose, onReady }: Props) {
  const t = useText();
  const minor = patient.birthDate !== null && patient.ageYears < ADULT;
  const [stands, setStands] = useState(minor || given !== null);
  const [one, setOne] = useState<Representative>(given ?? { name: "", relation: "", ground: minor ? "minor" : "", idPaper: "citizen-card", idNumber: "" });
  const [tried, setTried] = useState(false);
  const gaps = gapsOf(one);
  const put = (part: keyof Representative) => (event: { target: { value: string } }) => setOne({ ...one, [part]: event.target.value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!stands) return onReady(null);
    if (Object.keys(gaps).length === 0) onReady({ ...one, name: one.name.trim().normalize("NFC"), idNumber: one.idNumber.replace(/\s/g, "") });
  };
  const wrong = (part: keyof Representative) => (tried ? gaps[part] : undefined);
  const note = (part: keyof Representative) => { const gap = wrong(part); return gap && <small className="wrong" id={`gap-${part}`}>{t(gap)}</small>; };
  const marks = (part: keyof Representative) => ({ name: part, "aria-invalid": wrong(part) ? true : undefined, "aria-describedby": wrong(part) ? `gap-${part}` : undefined });
  const choice = (part: "relation" | "ground" | "idPaper", label: "relation" | "ground" | "idPaper", codes: readonly string[], prefix: string) => (
    <label className="field w6">
      <span>{t(label)}</span>
      <select className="box" value={one[part]} onChange={put(part)} {...marks(part)}>
        <option value="">{t("pick")}</option>
        {codes.map((code) => <option key={code} value={code}>{t(`${prefix}-${code}` as Parameters<typeof t>[0])}</option>)}
      </select>
      {note(part)}
    </label>
  );
  return (
    <Dialog title={t("whoTitle", { slot })} onClose={onClose} wide={stands}>
      <p>{lead ?? t("whoLead")}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <fieldset className="field">
          <legend>{t("signs")}</legend>
          <div className="choices">
            <label className="choice"><input type="radio" name="signer" checked={!stands} disabled={minor} onChange={() => setStands(false)} /> {t("self", { name: patient.name })}</label>
            <label className="choice"><input type="radio" name="signer" checked={stands} onChange={() => setStands(true)} /> {t("other")}</label>
          </div>
          {minor && <small>{t("minor", { age: patient.ageText })}</small>}
        </fieldset>
        {stands && (
          <div className="formgrid">
            <label className="field w6"><span>{t("name")}</span><input type="text" autoComplete="off" value={one.name} onChange={put("name")} {...marks("name")} />{note("name")}</label>
            {choice("relation", "relation", RELATIONS, "relation")}
            {choice("ground", "ground", GROUNDS.filter((ground) => minor || patient.birthDate === null || ground !== "minor"), "ground")}
            {choice("idPaper", "idPaper", PAPERS, "paper")}
            <label className="field w6"><span>{t("idNumber")}</span><input type="text" autoComplete="off" value={one.idNumber} onChange={put("idNumber")} {...marks("idNumber")} />{note("idNumber")}</label>
          </div>
        )}
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{t("cancel")}</button><button type="submit" className="btn p">{action ?? t("handOver")}</button></div>
      </form>
    </Dialog>
  );
}
