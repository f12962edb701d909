import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ApiError, get, send, type IncidentDeclared, type WardRef } from "@/api";
import { useCommon } from "@/i18n";
import { now } from "@/lib/clock";
import { useSession } from "@/lib/session";
import { parseDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

export function DeclareDialog({ onClose, onDone }: { onClose: () => void; onDone: (words: string) => void }) {
  const t = useText();
  const common = useCommon();
  const { session } = useSession();
  const whole = session.user.role === "administrator";
  // An administrator opens no ward, and is told the names of all.
  const all = useQuery({ queryKey: ["wards"], queryFn: ({ signal }) => get<WardRef[]>("/wards", signal), enabled: whole }).data ?? [];
  const wards = whole ? all : session.wards;
  const [wardId, setWardId] = useState(whole ? "" : (wards[0]?.id ?? ""));
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [system, setSystem] = useState("");
  const [reason, setReason] = useState("");
  const [confirmed, setConfirmed] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const isLong = error instanceof ApiError && error.code === "incident-long";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const startedAt = parseDateTime(from, now());
    const endedAt = to.trim() === "" ? null : parseDateTime(to, now());
    if (!startedAt || (to.trim() !== "" && !endedAt)) return setError(new Error(t("timeWrong")));
    if (!system.trim() || !reason.trim()) return setError(new Error(t("needWords")));
    const body = { wardId: wardId || null, startedAt, endedAt, system: system.trim().normalize("NFC"), reason: reason.trim().normalize("NFC"), confirmed };
    send<IncidentDeclared>("POST", "/incidents", body).then(({ covered }) => onDone(covered > 0 ? t("saidCovered", { n: covered }) : t("saidDeclared")), setError);
  };
  return (
    <Dialog title={t("declare")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("place")}</span>
          <select className="box" name="ward" value={wardId} onChange={(event) => setWardId(event.target.value)}>
            {whole && <option value="">{t("house")}</option>}
            {wards.map((ward) => <option key={ward.id} value={ward.id}>{ward.name}</option>)}
          </select>
        </label>
        <div className="formgrid">
          <label className="field w6"><span>{t("from")}</span><input type="text" name="from" autoComplete="off" value={from} onChange={(event) => setFrom(event.target.value)} /><small>{t("timeHint")}</small></label>
          <label className="field w6"><span>{t("to")}</span><input type="text" name="to" autoComplete="off" value={to} onChange={(event) => setTo(event.target.value)} /><small>{t("toHint")}</small></label>
        </div>
        <label className="field"><span>{t("system")}</span><input type="text" name="system" maxLength={120} value={system} onChange={(event) => setSystem(event.target.value)} /><small>{t("systemHint")}</small></label>
        <label className="field"><span>{t("reason")}</span><textarea name="reason" rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        {(isLong || confirmed) && <label className="choice"><input type="checkbox" name="confirmed" checked={confirmed} onChange={(event) => setConfirmed(event.target.checked)} /> {t("long")}</label>}
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("declare")}</button></div>
      </form>
    </Dialog>
  );
}
