// Declared incidents, the newest first. A head nurse changes those of her ward, the administrator all; what was declared
// stays in any case.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { get, keys, type Incident } from "@/api";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import { EndDialog } from "./end-dialog";
import { DeclareDialog } from "./declare-dialog";
import { useText } from "./text";

type Doing = { what: "declare" } | { what: "end" | "annul"; incident: Incident };

function State({ incident }: { incident: Incident }) {
  const t = useText();
  const { annulled } = incident;
  if (annulled) {
    const why = t("annulledBy", { name: annulled.by.name, time: fullDateTime(annulled.at), reason: annulled.reason });
    return <><span className="tag">{t("annulled")}</span><small>{why}</small></>;
  }
  return incident.endedAt ? <span className="tag good">{t("over")}</span> : <span className="tag bad">{t("open")}</span>;
}

interface RowProps { incident: Incident; change: ((what: "end" | "annul", incident: Incident) => void) | null }
function Row({ incident, change }: RowProps) {
  const t = useText();
  const name = (label: string) => `${label}: ${incident.system}, ${fullDateTime(incident.startedAt)}`;
  return (
    <tr>
      <td className="when">{fullDateTime(incident.startedAt)}</td>
      <td className="when">{incident.endedAt ? fullDateTime(incident.endedAt) : t("goesOn")}</td>
      <td>{incident.ward?.name ?? t("house")}</td>
      <td className="what"><b className={incident.annulled ? "struck" : undefined}>{incident.system}</b><small>{incident.reason}</small></td>
      <td className="when">{incident.declaredBy.name}<small>{fullDateTime(incident.declaredAt)}</small></td>
      <td><State incident={incident} /></td>
      <td>
        {change && !incident.annulled && (
          <div className="row">
            {!incident.endedAt && <button type="button" className="btn small p" aria-label={name(t("end"))} onClick={() => change("end", incident)}>{t("end")}</button>}
            <button type="button" className="btn small danger" aria-label={name(t("annul"))} onClick={() => change("annul", incident)}>{t("annul")}</button>
          </div>
        )}
      </td>
    </tr>
  );
}

export function IncidentList({ tabs }: { tabs: ReactNode }) {
  const t = useText();
  const cache = useQueryClient();
  const { session } = useSession();
  const { role } = session.user;
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.incidents, queryFn: ({ signal }) => get<Incident[]>("/incidents", signal) });
  const mayDeclare = role === "administrator" || role === "head-nurse";
  const mayChange = ({ ward }: Incident) => role === "administrator" || (role === "head-nurse" && session.wards.some((one) => one.id === ward?.id));
  const change = (what: "end" | "annul", incident: Incident) => setDoing({ what, incident });
  const close = () => setDoing(null);
  const done = (words: string) => {
    setSaid(words);
    close();
    void found.refetch();
    // The limits of entries have moved: marks on charts and the report are asked for anew.
    void cache.invalidateQueries({ queryKey: ["late-entries"] });
    void cache.invalidateQueries({ queryKey: ["encounter"] });
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>{tabs}<span className="muted" role="status">{said}</span><span className="grow" />
        {mayDeclare && <button type="button" className="btn p" onClick={() => setDoing({ what: "declare" })}>{t("declare")}</button>}
      </div>
      <p className="muted incidents-lead">{t("lead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("none")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard incidents" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("from")}</th><th scope="col">{t("to")}</th><th scope="col">{t("place")}</th><th scope="col">{t("what")}</th><th scope="col">{t("by")}</th><th scope="col">{t("state")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>{found.data.map((incident) => <Row key={incident.id} incident={incident} change={mayChange(incident) ? change : null} />)}</tbody>
          </table>
        </div>
      )}
      {doing?.what === "declare" && <DeclareDialog onClose={close} onDone={done} />}
      {doing?.what === "end" && <EndDialog incident={doing.incident} onClose={close} onDone={() => done(t("saidEnded"))} />}
      {doing?.what === "annul" && <ReasonDialog title={t("annulTitle", { system: doing.incident.system })} lead={t("annulLead")} label={t("annulWhy")} action={t("annul")} name="reason" missing={t("needReason")} dismiss="close" path={`/incidents/${doing.incident.id}/annul`} onClose={close} onDone={() => done(t("saidAnnulled"))} />}
    </>
  );
}
