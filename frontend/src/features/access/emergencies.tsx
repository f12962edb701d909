// Charts opened in an emergency: the alert, and where it is looked at. The administrator sees no patient.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type EmergencyRow } from "@/api";
import { useSession } from "@/lib/session";
import { clockTime, fullDateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import { ReviewDialog } from "./review-dialog";
import { useText } from "./text";

function State({ row, review }: { row: EmergencyRow; review: (() => void) | null }) {
  const t = useText();
  if (row.review) {
    return (
      <>
        <span className={row.review.verdict === "justified" ? "tag good" : "tag bad"}>{t(row.review.verdict)}</span> {row.review.note}
        <small>{t("reviewedBy", { name: row.review.by.name, time: fullDateTime(row.review.at) })}</small>
      </>
    );
  }
  return (
    <div className="row wrap">
      <span className={row.overdue ? "tag bad" : "tag warn"}>{t(row.overdue ? "overdue" : "waits")}</span>
      {review && <button type="button" className="btn small p" onClick={review}>{t("review")}</button>}
    </div>
  );
}

export function Emergencies() {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [doing, setDoing] = useState<EmergencyRow | null>(null);
  const found = useQuery({ queryKey: keys.emergencies, queryFn: ({ signal }) => get<EmergencyRow[]>("/emergency-access", signal) });
  const auditor = role === "auditor";
  const done = () => {
    setDoing(null);
    void cache.invalidateQueries({ queryKey: keys.emergencies });
  };
  return (
    <>
      <p className="muted lead">{t("emergencyLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("noEmergencies")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard access" tabIndex={0} role="region" aria-label={t("tabEmergency")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("openedAt")}</th><th scope="col">{t("who")}</th><th scope="col">{t("seenFrom")}</th><th scope="col">{t("ward")}</th>{auditor && <th scope="col">{t("patient")}</th>}<th scope="col">{t("why")}</th><th scope="col">{t("review")}</th></tr></thead>
            <tbody>
              {found.data.map((row) => (
                <tr key={row.id}>
                  <td className="when">{fullDateTime(row.openedAt)}<small>{t("until", { time: clockTime(row.endsAt) })} {row.open && <span className="tag warn">{t("stillOpen")}</span>}</small></td>
                  <td className="when"><b>{row.by.name}</b><small>{t(`role-${row.by.role}`)}</small></td>
                  <td>{row.openedFrom}</td>
                  <td>{row.ward}</td>
                  {auditor && <td className="when">{row.of?.patientName}<small>{row.of?.patientCode}</small></td>}
                  <td className="what">{t(row.why)}<small>{row.of?.reason}</small></td>
                  <td className="what"><State row={row} review={auditor ? () => setDoing(row) : null} /></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {doing && <ReviewDialog row={doing} onClose={() => setDoing(null)} onDone={done} />}
    </>
  );
}
