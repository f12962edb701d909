// In words: that the patient signed, or who stands for them, how, and before whom.
import type { PatientSigned } from "@/api";
import { fullDateTime } from "@/lib/time";
import { SignatureLine } from "@/ui/signature";
import { useText } from "./text";

export function PatientLine({ patient }: { patient: PatientSigned }) {
  const t = useText();
  return (
    <div className="patientsigned">
      <p><span className="tag good">✓ {patient.name}</span> {patient.standsAs && <span className="muted">{patient.standsAs}</span>}</p>
      <p className="muted">{t("signedOn", { method: patient.method, time: fullDateTime(patient.signedAt) })}</p>
      {patient.keptAt && <p>{t("paperAt", { place: patient.keptAt })}</p>}
      {patient.scanUrl && <p><a href={patient.scanUrl} target="_blank" rel="noreferrer">{t("openScan")}</a></p>}
      <p className="muted">{t("before")}:</p>
      <SignatureLine signature={patient.witness} />
    </div>
  );
}
