import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { get, keys, type EncounterState, type Patient } from "@/api";
import { useCommon } from "@/i18n";
import { charts, useSession } from "@/lib/session";
import { birthDate, fullDateTime } from "@/lib/time";
import { Diagnosis, RestrictedTag } from "@/ui/restricted-tag";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { AdmitForm } from "./admit-form";
import { useText } from "./text";

const STATE: Record<EncounterState, "stateActive" | "stateDischarged"> = { active: "stateActive", discharged: "stateDischarged" };

export function PatientPage({ patientId }: { patientId: string }) {
  const t = useText();
  const common = useCommon();
  const [params] = useSearchParams();
  const { role } = useSession().session.user;
  const found = useQuery({ queryKey: keys.patient(patientId), queryFn: ({ signal }) => get<Patient>(`/patients/${patientId}`, signal) });
  if (found.isPending) return <Loading />;
  if (found.isError) return <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />;
  const patient = found.data;
  const inHospital = patient.encounters.some((encounter) => encounter.state === "active");
  return (
    <div className="stack">
      <section className="card pane">
        {role !== "lab-technician" && role !== "radiologist" && <Link className="btn patient-data" href={`/patients/${patient.id}/consents`}>{t("personalData")}</Link>}
        <div><h1 className="bigname">{patient.name.toLocaleUpperCase("vi")}</h1><p className="muted">{common(patient.sex)} · {patient.ageText}{patient.birthDate && ` (${birthDate(patient.birthDate)})`}</p></div>
        <dl className="facts">
          <div><dt>{t("code")}</dt><dd>{patient.code}</dd></div>
          <div><dt>{t("nationalId")}</dt><dd>{patient.nationalId ?? "–"}</dd></div>
          <div><dt>{t("insurance")}</dt><dd>{patient.insuranceCard ?? "–"}</dd></div>
          <div><dt>{t("phone")}</dt><dd>{patient.phone || "–"}</dd></div>
          <div><dt>{t("address")}</dt><dd>{patient.address || "–"}</dd></div>
          <div><dt>{t("allergy")}</dt><dd>{patient.allergies && patient.allergies.length > 0 ? <span className="tag bad">{patient.allergies.join(", ")}</span> : t("noAllergy")}</dd></div>
        </dl>
      </section>
      <section className="card">
        <h2>{t("encounters")}</h2>
        {patient.encounters.length === 0 ? <Empty title={t("noEncounters")} /> : (
          <table className="grid">
            <thead><tr><th scope="col">{t("number")}</th><th scope="col">{t("ward")}</th><th scope="col">{t("diagnosis")}</th><th scope="col">{t("admittedAt")}</th><th scope="col">{t("dischargedAt")}</th><th scope="col">{t("state")}</th><th><span className="sr">{t("open")}</span></th></tr></thead>
            <tbody>
              {patient.encounters.map((encounter) => (
                <tr key={encounter.id}><td>{encounter.number}</td><td>{encounter.ward}</td><td><Diagnosis of={encounter} /></td><td>{fullDateTime(encounter.admittedAt)}</td><td>{encounter.dischargedAt ? fullDateTime(encounter.dischargedAt) : "–"}</td><td><span className="tag">{t(STATE[encounter.state])}</span>{encounter.restricted && <> <RestrictedTag /></>}</td><td><Link className="btn small p" href={`/chart/${encounter.id}`}>{t("chart")}</Link></td></tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      {charts(role) && !inHospital && <AdmitForm patientId={patient.id} bed={params.get("bed")} />}
    </div>
  );
}
