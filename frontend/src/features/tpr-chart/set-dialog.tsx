// One set: its values with their origin, its signature, its versions; from here it is corrected or signed.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys, send, type Encounter, type RoundSigned, type VitalSet } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { useWrites } from "@/lib/chart";
import { charts, useSession } from "@/lib/session";
import { clockTime, fullDateTime } from "@/lib/time";
import { UNITS, written } from "@/lib/vitals";
import { Dialog } from "@/ui/dialog";
import { EntryPaper } from "@/ui/entry-paper";
import { LateTag } from "@/ui/late-tag";
import { News2Badge } from "@/ui/news2-badge";
import { PinDialog } from "@/ui/pin-dialog";
import { ReasonDialog } from "@/ui/reason-dialog";
import { SignatureLine } from "@/ui/signature";
import { VitalName } from "@/ui/vital-name";
import { CorrectDialog } from "./correct-dialog";
import { Versions } from "./versions";

export function SetDialog({ set, encounter, onClose }: { set: VitalSet; encounter: Encounter; onClose: () => void }) {
  const t = useChartText();
  const common = useCommon();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const writes = useWrites();
  const may = charts(role) && writes;
  const [mode, setMode] = useState<"look" | "correct" | "sign" | "versions" | "restore">("look");
  const words = { air: common("air"), onOxygen: common("onOxygen") };
  const time = fullDateTime(set.effectiveAt);
  const refresh = () => cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });

  if (mode === "correct") return <CorrectDialog set={set} who={encounter.patient} pregnant={encounter.pregnant} onClose={() => setMode("look")} onSaved={() => { void refresh(); setMode("look"); }} />;
  if (mode === "restore") return <ReasonDialog title={t("restore")} lead={t("restoreLead")} label={t("restoreWhy")} action={t("restore")} name="reason" missing={t("reasonNeeded")} path={`/vitals/${set.id}/restore`} body={{ version: set.version }} onClose={() => setMode("look")} onDone={() => { void refresh(); onClose(); }} />;
  if (mode === "versions") return <Versions set={set} onClose={() => setMode("look")} />;
  if (mode === "sign") {
    const sign = async (pin: string) => {
      const answer = await send<RoundSigned>("POST", `/wards/${encounter.ward.id}/round/sign`, { pin, setIds: [set.id], versions: [set.version] });
      const failed = answer.failed[0];
      if (failed) throw new Error(failed.detail);
      await refresh();
      setMode("look");
    };
    return <PinDialog title={t("signSet")} action={t("signOne")} sign={sign} onClose={() => setMode("look")}><p>{t("signSetLead", { n: set.version, time: clockTime(set.effectiveAt) })}</p></PinDialog>;
  }
  const live = set.status === "final" || set.status === "amended";
  return (
    <Dialog title={t("setTitle", { time })} onClose={onClose}>
      <div className="row wrap">
        <News2Badge news2={set.news2} />
        {set.status === "amended" && <span className="tag warn">{t("version", { n: set.version })}, {t("corrected")}</span>}
        {set.status === "preliminary" && <span className="tag new">{t("toAccept")}</span>}
        {!live && set.status !== "preliminary" && <span className="tag bad">{t("rejected")}</span>}
        <LateTag late={set.late} />
        <EntryPaper encounterId={encounter.id} kind="vitals" entry={set} when={time} />
        <span className="muted">{set.author?.name ?? set.device} · {clockTime(set.recordedAt)}</span>
      </div>
      {set.reason && <p className="muted">{t("reason")}: {set.reason}</p>}
      <dl className="setvalues">
        {set.values.map((value) => (
          <div key={value.code}>
            <dt><VitalName code={value.code} /></dt>
            <dd>
              <b>{written(value, words)}</b> <span className="muted">{value.notMeasured ? common(value.notMeasured) : UNITS[value.code]}</span>
              {value.provenance !== "manual" && <span className="tag">{t(value.provenance === "device" ? "byDevice" : "deviceEdited")}</span>}
              {value.outOfRangeReason && <small>{value.outOfRangeReason}</small>}
            </dd>
          </div>
        ))}
      </dl>
      {set.signature ? <SignatureLine signature={set.signature} /> : <p className="muted">{t("noSignature")}</p>}
      <div className="actions">
        {set.versions > 1 && <button type="button" className="btn" onClick={() => setMode("versions")}>{t("versionsOf")} ({set.versions})</button>}
        {may && live && <button type="button" className="btn" onClick={() => setMode("correct")}>{t("correct")}</button>}
        {may && set.status === "entered-in-error" && <button type="button" className="btn" onClick={() => setMode("restore")}>{t("restore")}</button>}
        {set.mine && live && !set.signature && <button type="button" className="btn p" onClick={() => setMode("sign")}>{t("signSet")}</button>}
        <button type="button" className="btn" onClick={onClose}>{common("close")}</button>
      </div>
    </Dialog>
  );
}
