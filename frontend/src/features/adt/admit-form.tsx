import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useLocation } from "wouter";
import { keys, newKey, send, type Encounter } from "@/api";
import { useSession } from "@/lib/session";
import { useWard } from "@/lib/ward";
import { Refusal } from "@/ui/status";
import { BedSelect } from "./bed-select";
import { useText } from "./text";

export function AdmitForm({ patientId, bed }: { patientId: string; bed: string | null }) {
  const t = useText();
  const cache = useQueryClient();
  const [, go] = useLocation();
  const { wards } = useSession().session;
  const [wardId, setWardId] = useState(useWard().id);
  const [bedId, setBedId] = useState(bed ?? "");
  const [diagnosis, setDiagnosis] = useState("");
  const [icd10, setIcd10] = useState("");
  const [pregnant, setPregnant] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [key] = useState(newKey);
  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!diagnosis.trim()) return setError(new Error(t("needDiagnosis")));
    try {
      const encounter = await send<Encounter>("POST", `/patients/${patientId}/encounters`, { wardId, ...(bedId && { bedId }), diagnosis: diagnosis.trim().normalize("NFC"), ...(icd10.trim() && { icd10: icd10.trim().toUpperCase() }), pregnant }, { idempotencyKey: key });
      void cache.invalidateQueries({ queryKey: keys.board(wardId) });
      void cache.invalidateQueries({ queryKey: keys.beds(wardId) });
      void cache.invalidateQueries({ queryKey: keys.patient(patientId) });
      go(`/chart/${encounter.id}`);
    } catch (refused) {
      setError(refused);
      void cache.invalidateQueries({ queryKey: keys.beds(wardId) });
    }
  }
  return (
    <form className="card sheet narrow stack" onSubmit={submit} noValidate aria-labelledby="admit-title">
      <h2 id="admit-title">{t("admitTitle")}</h2>
      <div className="formgrid">
        <label className="field w6"><span>{t("ward")}</span><select className="box" value={wardId} onChange={(event) => { setWardId(event.target.value); setBedId(""); }}>{wards.map((ward) => <option key={ward.id} value={ward.id}>{ward.name}</option>)}</select></label>
        <div className="w6"><BedSelect label={t("bed")} wardId={wardId} value={bedId} onChange={setBedId} optional /></div>
        <label className="field w8"><span>{t("diagnosis")}</span><input type="text" name="diagnosis" value={diagnosis} onChange={(event) => setDiagnosis(event.target.value)} /></label>
        <label className="field w4"><span>{t("icd10")}</span><input type="text" name="icd10" autoComplete="off" value={icd10} onChange={(event) => setIcd10(event.target.value)} /></label>
        <label className="choice"><input type="checkbox" checked={pregnant} onChange={(event) => setPregnant(event.target.checked)} /> {t("pregnant")}</label>
      </div>
      <Refusal error={error} />
      <div className="actions"><button type="submit" className="btn p">{t("admit")}</button></div>
    </form>
  );
}
