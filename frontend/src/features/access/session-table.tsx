import type { OpenSession } from "@/api";
import { fullDateTime } from "@/lib/time";
import { useText } from "./text";

interface Props { sessions: OpenSession[]; named: boolean; end: (session: OpenSession) => void }
/** Terminals, the one that was touched last first. */
export function SessionTable({ sessions, named, end }: Props) {
  const t = useText();
  return (
    <table className="grid">
      <thead><tr>{named && <th scope="col">{t("who")}</th>}<th scope="col">{t("since")}</th><th scope="col">{t("from")}</th><th scope="col">{t("lastSeen")}</th><th scope="col">{t("seenFrom")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
      <tbody>
        {sessions.map((one) => (
          <tr key={one.id}>
            {named && <td><b>{one.user.name}</b> <small>{t(`role-${one.user.role}`)}</small></td>}
            <td>{fullDateTime(one.since)}</td><td>{one.openedFrom}</td><td>{fullDateTime(one.lastSeenAt)}</td><td>{one.seenFrom}</td>
            <td>
              <div className="row end">
                {one.locked && <span className="tag">{t("locked")}</span>}
                {one.here ? <span className="tag good">{t("here")}</span> : <button type="button" className="btn small danger" aria-label={t("endOf", { name: one.user.name, time: fullDateTime(one.since) })} onClick={() => end(one)}>{t("end")}</button>}
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
