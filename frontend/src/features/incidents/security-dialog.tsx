// What is known of an attack or a breach: the first time with the hour of its discovery, later whole anew.
import { useState, type FormEvent } from "react";
import { send, type SecurityConcerns, type SecurityIncident, type SecuritySeverity } from "@/api";
import { useCommon } from "@/i18n";
import { now } from "@/lib/clock";
import { clockTime, parseDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { CONCERNS, SEVERITIES, useText } from "./text";

interface Props { incident: SecurityIncident | null; onClose: () => void; onDone: () => void }

export function SecurityDialog({ incident, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [concerns, setConcerns] = useState<SecurityConcerns>(incident?.concerns ?? "systems");
  const [severity, setSeverity] = useState<SecuritySeverity>(incident?.severity ?? "ordinary");
  const [discovered, setDiscovered] = useState(() => clockTime(now()));
  const [what, setWhat] = useState(incident?.what ?? "");
  const [affected, setAffected] = useState(incident?.affected?.toString() ?? "");
  const [categories, setCategories] = useState(incident?.categories ?? "");
  const [measures, setMeasures] = useState(incident?.measures ?? "");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const people = affected.trim().replace(/[ .]/g, "");
    if (people !== "" && !/^\d{1,9}$/.test(people)) return setError(new Error(t("affectedWrong")));
    const words = (text: string) => text.trim().normalize("NFC");
    const known = { concerns, severity, what: words(what), affected: people === "" ? null : Number(people), categories: words(categories), measures: words(measures) };
    if (incident) return void send<SecurityIncident>("POST", `/security-incidents/${incident.id}/amend`, { seen: incident.version, known }).then(onDone, setError);
    const discoveredAt = parseDateTime(discovered, now());
    if (!discoveredAt) return setError(new Error(t("timeWrong")));
    send<SecurityIncident>("POST", "/security-incidents", { discoveredAt, known }).then(onDone, setError);
  };
  return (
    <Dialog title={t(incident ? "amendTitle" : "enter")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <div className="formgrid">
          <label className="field w6"><span>{t("concerns")}</span>
            <select className="box" name="concerns" value={concerns} onChange={(event) => setConcerns(event.target.value as SecurityConcerns)}>
              {Object.entries(CONCERNS).map(([value, name]) => <option key={value} value={value}>{t(name)}</option>)}
            </select>
          </label>
          <label className="field w6"><span>{t("severity")}</span>
            <select className="box" name="severity" value={severity} disabled={concerns === "personal-data"} onChange={(event) => setSeverity(event.target.value as SecuritySeverity)}>
              {Object.entries(SEVERITIES).map(([value, name]) => <option key={value} value={value}>{t(name)}</option>)}
            </select>
          </label>
        </div>
        {!incident && <label className="field"><span>{t("discoveredAt")}</span><input type="text" name="discovered" autoComplete="off" value={discovered} onChange={(event) => setDiscovered(event.target.value)} /><small>{t("timeHint")}</small></label>}
        <label className="field"><span>{t("whatHappened")}</span><textarea name="what" rows={3} maxLength={2000} value={what} onChange={(event) => setWhat(event.target.value)} /><small>{t("noNames")}</small></label>
        <div className="formgrid">
          <label className="field w4"><span>{t("affected")}</span><input type="text" name="affected" inputMode="numeric" autoComplete="off" value={affected} onChange={(event) => setAffected(event.target.value)} /><small>{t("affectedHint")}</small></label>
          <label className="field w8"><span>{t("categories")}</span><input type="text" name="categories" maxLength={500} value={categories} onChange={(event) => setCategories(event.target.value)} /><small>{t("categoriesHint")}</small></label>
        </div>
        <label className="field"><span>{t("measures")}</span><textarea name="measures" rows={2} maxLength={4000} value={measures} onChange={(event) => setMeasures(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t(incident ? "amend" : "enter")}</button></div>
      </form>
    </Dialog>
  );
}
