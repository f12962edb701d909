// Takes in what somebody asks for: whose data, what, who asks and how they were known.
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, keys, send, type ConsentSheet, type Patient, type PatientHit, type SubjectKind, type SubjectRequest } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { PatientFinder } from "@/ui/patient-finder";
import { Refusal } from "@/ui/status";
import { gapOf, nobodyYet, sent } from "./representative";
import { useText } from "./text";
import { WhoAnswers } from "./who";

const KINDS: readonly SubjectKind[] = ["view", "correct", "provide", "withdraw-consent", "limit", "object", "delete", "protect"];
const ABOUT_RECORD: readonly SubjectKind[] = ["view", "provide", "delete"];
interface Props { onClose: () => void; onDone: (number: string) => void }

export function ReceiveDialog({ onClose, onDone }: Props) {
  const t = useText();
  const [hit, setHit] = useState<PatientHit | null>(null);
  const sheet = useQuery({ queryKey: keys.consents(hit?.id ?? ""), queryFn: ({ signal }) => get<ConsentSheet>(`/patients/${hit?.id}/consents`, signal), enabled: hit !== null, staleTime: 0 }).data;
  const patient = useQuery({ queryKey: keys.patient(hit?.id ?? ""), queryFn: ({ signal }) => get<Patient>(`/patients/${hit?.id}`, signal), enabled: hit !== null }).data;
  return (
    <Dialog title={t("receive")} wide onClose={onClose}>
      {hit ? <p><b>{hit.name}</b> <small>{hit.code}</small> <button type="button" className="btn small" onClick={() => setHit(null)}>{t("change")}</button></p> : <PatientFinder label={t("findPatient")} choose={setHit} />}
      {!hit && <p className="muted">{t("choosePatient")}</p>}
      {sheet && patient && <Fields key={sheet.patientId} sheet={sheet} patient={patient} onClose={onClose} onDone={onDone} />}
    </Dialog>
  );
}

function Fields({ sheet, patient, onClose, onDone }: Props & { sheet: ConsentSheet; patient: Patient }) {
  const t = useText();
  const common = useCommon();
  const answers = sheet.answers === "both" ? "either" : sheet.answers;
  const [kind, setKind] = useState<SubjectKind>("view");
  const [texts, setTexts] = useState({ details: "", identity: "", paper: "" });
  const [stay, setStay] = useState("");
  const agreed = sheet.purposes.filter((purpose) => purpose.answer === "agreed");
  const [purpose, setPurpose] = useState(agreed[0]?.code ?? "");
  const [who, setWho] = useState(() => nobodyYet(answers));
  const [error, setError] = useState<unknown>(null);
  const withdraws = kind === "withdraw-consent";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const gap = gapOf(who, answers);
    if (gap) return setError(new Error(t(gap)));
    // Which consent it is stands in the words too: they are what the director and the register read.
    const title = agreed.find((one) => one.code === purpose)?.title;
    const details = texts.details.trim().normalize("NFC");
    const body = { kind, details: withdraws && title && details ? `«${title}»: ${details}` : details, identity: texts.identity.trim().normalize("NFC"), paper: texts.paper.trim().normalize("NFC"), purpose: withdraws ? purpose || null : null, stayId: ABOUT_RECORD.includes(kind) && stay ? stay : null, representative: sent(who) };
    send<SubjectRequest>("POST", `/patients/${sheet.patientId}/subject-requests`, body).then((made) => onDone(made.number), setError);
  };
  const put = (part: keyof typeof texts) => (event: { target: { value: string } }) => setTexts({ ...texts, [part]: event.target.value });
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <div className="formgrid">
        <label className="field w6"><span>{t("kind")}</span>
          <select className="box" name="kind" value={kind} onChange={(event) => setKind(event.target.value as SubjectKind)}>{KINDS.map((one) => <option key={one} value={one}>{t(`kind-${one}`)}</option>)}</select>
        </label>
        {withdraws && (
          <label className="field w6"><span>{t("consent")}</span>
            <select className="box" name="purpose" value={purpose} onChange={(event) => setPurpose(event.target.value)}>{agreed.map((one) => <option key={one.code} value={one.code}>{one.title}</option>)}</select>
            <small>{t(agreed.length === 0 ? "noConsent" : "consentHint")}</small>
          </label>
        )}
        {ABOUT_RECORD.includes(kind) && (
          <label className="field w6"><span>{t("stay")}</span>
            <select className="box" name="stay" value={stay} onChange={(event) => setStay(event.target.value)}><option value="">{t("noStay")}</option>{patient.encounters.map((one) => <option key={one.id} value={one.id}>{one.number}</option>)}</select>
          </label>
        )}
      </div>
      <label className="field"><span>{t("details")}</span><textarea name="details" rows={2} maxLength={850} value={texts.details} onChange={put("details")} /></label>
      <WhoAnswers answers={answers} value={who} change={setWho} legend={t("askedBy")} />
      <div className="formgrid">
        <label className="field w6"><span>{t("identity")}</span><input type="text" name="identity" maxLength={200} autoComplete="off" value={texts.identity} onChange={put("identity")} /><small>{t("identityHint")}</small></label>
        <label className="field w6"><span>{t("paperOf")}</span><input type="text" name="paper" maxLength={200} autoComplete="off" value={texts.paper} onChange={put("paper")} /><small>{t("paperOfHint")}</small></label>
      </div>
      <Refusal error={error} />
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("receive")}</button></div>
    </form>
  );
}
