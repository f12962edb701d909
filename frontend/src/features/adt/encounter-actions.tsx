// Move bed and discharge, from the chart.
import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { keys, send, type Encounter } from "@/api";
import { useCommon } from "@/i18n";
import { charts, useSession } from "@/lib/session";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { BedSelect } from "./bed-select";
import { useText } from "./text";

const OUTCOMES = [["home", "outcomeHome"], ["asked-to-leave", "outcomeAsked"], ["left", "outcomeLeft"], ["transferred", "outcomeTransferred"], ["died", "outcomeDied"]] as const;
interface Props { encounter: Encounter; onClose: () => void; onDone: () => void }

function MoveDialog({ encounter, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const { wards } = useSession().session;
  const [wardId, setWardId] = useState(encounter.ward.id);
  const [bed, setBed] = useState({ id: "", free: true });
  const [share, setShare] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!bed.id) return setError(new Error(t("needBed")));
    send<Encounter>("POST", `/encounters/${encounter.id}/move`, { bedId: bed.id, ...(!bed.free && share && { share }) }).then(onDone, setError);
  };
  return (
    <Dialog title={t("move")} onClose={onClose}>
      <p>{t("moveLead", { name: encounter.patient.name, bed: encounter.bed?.label ?? t("noBed") })}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("toWard")}</span><select className="box" value={wardId} onChange={(event) => { setWardId(event.target.value); setBed({ id: "", free: true }); }}>{wards.map((ward) => <option key={ward.id} value={ward.id}>{ward.name}</option>)}</select></label>
        <BedSelect label={t("moveTo")} wardId={wardId} value={bed.id} without={encounter.bed?.id} onChange={(id, free) => setBed({ id, free })} />
        {!bed.free && <label className="choice"><input type="checkbox" checked={share} onChange={(event) => setShare(event.target.checked)} /> {t("share")}</label>}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("doMove")}</button></div>
      </form>
    </Dialog>
  );
}

function DischargeDialog({ encounter, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [outcome, setOutcome] = useState<string>("home");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send<Encounter>("POST", `/encounters/${encounter.id}/discharge`, { outcome }).then(onDone, setError);
  };
  return (
    <Dialog title={t("discharge")} onClose={onClose}>
      <p>{t("dischargeLead", { name: encounter.patient.name })}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <fieldset className="field"><legend>{t("outcome")}</legend><div className="choices">{OUTCOMES.map(([id, name]) => <label className="choice" key={id}><input type="radio" name="outcome" checked={outcome === id} onChange={() => setOutcome(id)} /> {t(name)}</label>)}</div></fieldset>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("doDischarge")}</button></div>
      </form>
    </Dialog>
  );
}

export function EncounterActions({ encounter }: { encounter: Encounter }) {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [doing, setDoing] = useState<"move" | "discharge" | null>(null);
  if (encounter.state !== "active" || !charts(role)) return null;
  const done = () => {
    setDoing(null);
    void cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
    void cache.invalidateQueries({ queryKey: keys.board(encounter.ward.id) });
    void cache.invalidateQueries({ queryKey: ["beds"] });
  };
  return (
    <span className="row">
      <button type="button" className="btn small" onClick={() => setDoing("move")}>{t("move")}</button>
      {role === "doctor" && <button type="button" className="btn small" onClick={() => setDoing("discharge")}>{t("discharge")}</button>}
      {doing === "move" && <MoveDialog encounter={encounter} onClose={() => setDoing(null)} onDone={done} />}
      {doing === "discharge" && <DischargeDialog encounter={encounter} onClose={() => setDoing(null)} onDone={done} />}
    </span>
  );
}
