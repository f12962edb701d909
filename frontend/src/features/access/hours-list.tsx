// The hours in which people may use the program: for a role, or for one account in its role's place.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type AccessHours, type Hours } from "@/api";
import { Failure, Loading } from "@/ui/status";
import { told } from "./hours";
import { HoursDialog, type HoursFor } from "./hours-dialog";
import { useText } from "./text";

export function HoursList() {
  const t = useText();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<HoursFor | null>(null);
  const found = useQuery({ queryKey: keys.accessHours, queryFn: ({ signal }) => get<AccessHours>("/access-hours", signal) });
  const done = (now: AccessHours) => {
    cache.setQueryData(keys.accessHours, now);
    setDoing(null);
  };
  const words = (hours: Hours | null) => (hours ? <>{told(hours)} {hours.graceMinutes > 0 && <small>{t("grace", { n: hours.graceMinutes })}</small>}</> : <span className="muted">{t("always")}</span>);
  return (
    <>
      <p className="muted lead">{t("hoursLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        <div className="card tablecard">
          <table className="grid">
            <thead><tr><th scope="col">{t("who")}</th><th scope="col">{t("tabHours")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>
              <tr><th scope="rowgroup" colSpan={3}>{t("forRole")}</th></tr>
              {found.data.roles.map(({ role, hours }) => <tr key={role}><td><b>{t(`role-${role}`)}</b></td><td>{words(hours)}</td><td><div className="row end"><button type="button" className="btn small" aria-label={t("setHoursOf", { name: t(`role-${role}`) })} onClick={() => setDoing({ role, name: t(`role-${role}`), hours })}>{t("setHours")}</button></div></td></tr>)}
            </tbody>
            <tbody>
              <tr><th scope="rowgroup" colSpan={2}>{t("forUser")}</th><td><div className="row end"><button type="button" className="btn small" onClick={() => setDoing({ name: null, hours: null })}>{t("addUserHours")}</button></div></td></tr>
              {found.data.users.length === 0 && <tr><td colSpan={3} className="muted">{t("noUserHours")}</td></tr>}
              {found.data.users.map(({ user, hours }) => <tr key={user.id}><td><b>{user.name}</b> <small>{t(`role-${user.role}`)}</small></td><td>{words(hours)}</td><td><div className="row end"><button type="button" className="btn small" aria-label={t("setHoursOf", { name: user.name })} onClick={() => setDoing({ userId: user.id, name: user.name, hours })}>{t("setHours")}</button></div></td></tr>)}
            </tbody>
          </table>
        </div>
      )}
      {doing && <HoursDialog of={doing} onClose={() => setDoing(null)} onDone={done} />}
    </>
  );
}
