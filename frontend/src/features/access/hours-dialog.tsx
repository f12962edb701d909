// A week of windows is set as a whole; without one there is no limit.
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, keys, send, type AccessHours, type Hours, type Role, type UserRow } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { CHOICES, rowsOf, windowsOf, type Row } from "./hours";
import { useText } from "./text";

/** Of a role, of an account, or (without a name) of one that is chosen here. */
export interface HoursFor { role?: Role; userId?: string; name: string | null; hours: Hours | null }

export function HoursDialog({ of, onClose, onDone }: { of: HoursFor; onClose: () => void; onDone: (now: AccessHours) => void }) {
  const t = useText();
  const common = useCommon();
  const [rows, setRows] = useState<Row[]>(() => rowsOf(of.hours));
  const [grace, setGrace] = useState(String(of.hours?.graceMinutes ?? 15));
  const [userId, setUserId] = useState(of.userId ?? "");
  const [error, setError] = useState<unknown>(null);
  const picking = of.name === null;
  const people = useQuery({ queryKey: keys.users, queryFn: ({ signal }) => get<UserRow[]>("/users", signal), enabled: picking });
  const change = (at: number, part: Partial<Row>) => setRows((was) => was.map((row, i) => (i === at ? { ...row, ...part } : row)));
  const post = (hours: Hours | null) => send<AccessHours>("POST", "/access-hours", of.role ? { role: of.role, hours } : { userId, hours }).then(onDone, setError);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [windows, graceMinutes] = [windowsOf(rows), Number(grace)];
    if (!of.role && !userId) return setError(new Error(t("needUser")));
    if (!windows || !/^\d{1,3}$/.test(grace.trim()) || graceMinutes > 120) return setError(new Error(t("hourWrong")));
    void post({ windows, graceMinutes });
  };
  return (
    <Dialog title={of.name === null ? t("addUserHours") : t("setHoursOf", { name: of.name })} onClose={onClose} wide>
      <form className="stack" onSubmit={submit} noValidate>
        {picking && <label className="field"><span>{t("pickUser")}</span><select className="box" name="user" value={userId} onChange={(event) => setUserId(event.target.value)}><option value="" />{people.data?.filter((one) => !one.disabled).map((one) => <option key={one.id} value={one.id}>{one.name} ({t(`role-${one.role}`)})</option>)}</select></label>}
        {rows.map((row, i) => (
          // Rows have no identity but their place.
          <fieldset className="windowrow" key={i}>
            <legend className="sr">{t("window", { n: i + 1 })}</legend>
            <label className="field"><span>{t("day")}</span><select className="box" value={row.days} onChange={(event) => change(i, { days: event.target.value })}>{CHOICES.map((one) => <option key={one} value={one}>{t(one)}</option>)}</select></label>
            <label className="field"><span>{t("fromHour")}</span><input type="text" inputMode="numeric" value={row.from} onChange={(event) => change(i, { from: event.target.value })} /></label>
            <label className="field" title={t("toHint")}><span>{t("toHour")}</span><input type="text" inputMode="numeric" value={row.to} onChange={(event) => change(i, { to: event.target.value })} /></label>
            {rows.length > 1 && <button type="button" className="btn small" aria-label={t("removeWindow", { n: i + 1 })} onClick={() => setRows((was) => was.filter((_, at) => at !== i))}>×</button>}
          </fieldset>
        ))}
        <div className="row wrap">
          <button type="button" className="btn small" onClick={() => setRows((was) => [...was, { days: "saturday", from: "07:00", to: "12:00" }])}>{t("addWindow")}</button>
          <small className="muted">{t("toHint")}</small>
        </div>
        <label className="field gracefield"><span>{t("graceLabel")}</span><input type="text" inputMode="numeric" name="grace" value={grace} onChange={(event) => setGrace(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions">
          {of.hours && <button type="button" className="btn danger" onClick={() => void post(null)}>{t(of.role ? "lift" : "liftOwn")}</button>}
          <button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>
          <button type="submit" className="btn p">{common("save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
