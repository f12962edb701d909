// A new patient. Numbers are checked for form here and for uniqueness by the server; likely duplicates show while typing.
import { useState, type FormEvent } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { ApiError, newKey, send, type Patient, type PatientInput, type Sex } from "@/api";
import { useCommon } from "@/i18n";
import { useHits } from "@/lib/patient-hits";
import { birthDate, parseDate } from "@/lib/time";
import { Refusal } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import { withBed } from "./queries";
import { useText } from "./text";

type Fields = Record<"name" | "birthDate" | "nationalId" | "insuranceCard" | "phone" | "address" | "allergies", string>;
const EMPTY: Fields = { name: "", birthDate: "", nationalId: "", insuranceCard: "", phone: "", address: "", allergies: "" };
const SEXES: readonly Sex[] = ["female", "male", "unknown"];

export function RegisterPage() {
  const t = useText();
  const common = useCommon();
  const [, go] = useLocation();
  const [params] = useSearchParams();
  const bed = params.get("bed");
  const [fields, setFields] = useState(EMPTY);
  const [sex, setSex] = useState<Sex>("female");
  const [wrong, setWrong] = useState<Partial<Fields>>({});
  const [error, setError] = useState<unknown>(null);
  const [key] = useState(newKey);
  const alike = useHits(fields.name.trim().split(/\s+/).length >= 2 ? fields.name : "", 4);

  async function submit(event: FormEvent) {
    event.preventDefault();
    const born = fields.birthDate.trim() ? parseDate(fields.birthDate) : undefined;
    const found: Partial<Fields> = {
      ...(!fields.name.trim() && { name: t("needName") }),
      ...(born === null && { birthDate: t("birthWrong") }),
      ...(fields.nationalId.trim() && !/^\d{12}$/.test(fields.nationalId.replace(/\s/g, "")) && { nationalId: t("idWrong") }),
    };
    setWrong(found);
    setError(null);
    if (Object.keys(found).length > 0) return;
    const text = (name: keyof Fields) => fields[name].trim().normalize("NFC") || undefined;
    const body: PatientInput = { name: fields.name.trim().normalize("NFC"), sex, birthDate: born ?? undefined, nationalId: fields.nationalId.replace(/\s/g, "") || undefined, insuranceCard: text("insuranceCard"), phone: text("phone"), address: text("address"), allergies: fields.allergies.split(",").map((one) => one.trim().normalize("NFC")).filter(Boolean) };
    try {
      const patient = await send<Patient>("POST", "/patients", body, { idempotencyKey: key });
      go(withBed(`/patients/${patient.id}`, bed));
    } catch (refused) {
      if (refused instanceof ApiError && refused.problem.fields) setWrong(refused.problem.fields);
      setError(refused);
    }
  }
  const field = (name: keyof Fields, label: string, width: string, more: { placeholder?: string; inputMode?: "numeric" | "tel" } = {}) => (
    <label className={`field ${width}`}>
      <span>{label}</span>
      <input type="text" name={name} autoComplete="off" {...more} value={fields[name]} aria-invalid={wrong[name] !== undefined} onChange={(event) => setFields({ ...fields, [name]: event.target.value })} />
      {wrong[name] && <small className="wrong">{wrong[name]}</small>}
    </label>
  );
  return (
    <>
      <div className="bar"><h1>{t("register")}</h1></div>
      <form className="card sheet narrow stack" onSubmit={submit} noValidate>
        <div className="formgrid">
          {field("name", t("name"), "w8")}
          {field("birthDate", t("born"), "w4", { placeholder: t("birthHint"), inputMode: "numeric" })}
          <fieldset className="field w4"><legend>{t("sex")}</legend><div className="choices">{SEXES.map((one) => <label className="choice" key={one}><input type="radio" name="sex" checked={sex === one} onChange={() => setSex(one)} /> {common(one)}</label>)}</div></fieldset>
          {field("nationalId", t("nationalId"), "w4", { inputMode: "numeric" })}
          {field("insuranceCard", t("insurance"), "w4")}
          {field("phone", t("phone"), "w4", { inputMode: "tel" })}
          {field("address", t("address"), "w8")}
          {field("allergies", t("allergies"), "w12")}
        </div>
        {alike.data && alike.data.length > 0 && fields.name.trim() !== "" && (
          <div role="status">
            <p className="muted">{t("duplicate")}:</p>
            <ul>{alike.data.map((hit) => <li key={hit.id}><Link href={withBed(`/patients/${hit.id}`, bed)}>{hit.name}</Link> · {birthDate(hit.birthDate)} · {hit.code} · {hit.address}</li>)}</ul>
          </div>
        )}
        <Refusal error={error} />
        <div className="actions"><Link className="btn" href={withBed("/patients", bed)}>{common("cancel")}</Link><button type="submit" className="btn p">{t("saveNew")}</button></div>
      </form>
    </>
  );
}
