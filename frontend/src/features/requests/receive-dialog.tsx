// Takes a request in: whose record, who asks and how they were known, on what ground and what for.
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, keys, send, type Patient, type PatientHit, type RecordExtent, type RecordRequest, type RequesterKind } from "@/api";
import { useCommon } from "@/i18n";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { PatientFinder } from "@/ui/patient-finder";
import { Refusal } from "@/ui/status";
import { hasOrganisation, REQUESTERS, summaryOnly } from "./requesters";
import { useText } from "./text";

const TEXTS = { name: "", organisation: "", identity: "", paper: "", ground: "", purpose: "" };

export function ReceiveDialog({ onClose, onDone }: { onClose: () => void; onDone: (number: string) => void }) {
  const t = useText();
  const common = useCommon();
  const [hit, setHit] = useState<PatientHit | null>(null);
  const [stay, setStay] = useState("");
  const [requester, setRequester] = useState<RequesterKind>("patient");
  const [texts, setTexts] = useState(TEXTS);
  const [extent, setExtent] = useState<RecordExtent>("summary");
  const [copy, setCopy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const patient = useQuery({ queryKey: keys.patient(hit?.id ?? ""), queryFn: ({ signal }) => get<Patient>(`/patients/${hit?.id}`, signal), enabled: hit !== null }).data;
  const stays = patient?.encounters ?? [];
  const chosen = stay || stays[0]?.id;
  const wants = summaryOnly(requester) ? "summary" : extent;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!chosen) return setError(new Error(t("choosePatient")));
    const body = { requester, ...texts, extent: wants, copy: wants === "record" && copy };
    send<RecordRequest>("POST", `/encounters/${chosen}/record-requests`, body).then((made) => onDone(made.number), setError);
  };
  const field = (name: keyof typeof TEXTS, hint?: "identityHint" | "paperHint" | "groundHint", most = 200) => (
    <label className="field w6"><span>{t(name)}</span><input type="text" name={name} maxLength={most} autoComplete="off" value={texts[name]} onChange={(event) => setTexts({ ...texts, [name]: event.target.value })} />{hint && <small>{t(hint)}</small>}</label>
  );
  return (
    <Dialog title={t("receive")} wide onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        {hit ? <p><b>{hit.name}</b> <small>{hit.code}</small> <button type="button" className="btn small" onClick={() => { setHit(null); setStay(""); }}>{t("change")}</button></p> : <PatientFinder label={t("findPatient")} choose={setHit} />}
        {hit && patient && stays.length === 0 && <p className="muted">{t("noStay")}</p>}
        {stays.length > 0 && (
          <label className="field"><span>{t("stay")}</span>
            <select className="box" name="stay" value={chosen} onChange={(event) => setStay(event.target.value)}>
              {stays.map((one) => <option key={one.id} value={one.id}>{t("stayOf", { number: one.number, time: fullDateTime(one.admittedAt) })}</option>)}
            </select>
          </label>
        )}
        <div className="formgrid">
          <label className="field w6"><span>{t("requester")}</span>
            <select className="box" name="requester" value={requester} onChange={(event) => setRequester(event.target.value as RequesterKind)}>
              {REQUESTERS.map((kind) => <option key={kind} value={kind}>{t(`for-${kind}`)}</option>)}
            </select>
          </label>
          {field("name", undefined, 120)}
          {hasOrganisation(requester) && field("organisation")}
          {field("identity", "identityHint")}
          {field("paper", "paperHint")}
          {field("ground", "groundHint")}
          {field("purpose", undefined, 300)}
          <label className="field w6"><span>{t("extent")}</span>
            <select className="box" name="extent" value={wants} disabled={summaryOnly(requester)} onChange={(event) => setExtent(event.target.value as RecordExtent)}>
              <option value="summary">{t("summary")}</option><option value="record">{t("record")}</option>
            </select>
          </label>
        </div>
        {wants === "record" && <label className="choice"><input type="checkbox" name="copy" checked={copy} onChange={(event) => setCopy(event.target.checked)} /> {t("copy")}</label>}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("receive")}</button></div>
      </form>
    </Dialog>
  );
}
