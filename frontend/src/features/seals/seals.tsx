// Which department has a certificate, and who puts its seal: issued by an administrator, given by the head.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type DepartmentSeal, type DepartmentSeals, type SealKeeper } from "@/api";
import { birthDate, fullDateTime } from "@/lib/time";
import { useSession } from "@/lib/session";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { Issue, Name, Revoke } from "./dialogs";
import { useText } from "./text";

function Certificate({ of }: { of: DepartmentSeal }) {
  const t = useText();
  const held = of.certificate;
  if (!held) return <span className="tag">{t("none")}</span>;
  return <><span title={held.subject}>{held.serial}</span> {held.revokedAt ? <span className="tag bad">{t("revoked", { time: fullDateTime(held.revokedAt) })}</span> : <small>{t("until", { date: birthDate(held.notAfter.slice(0, 10)) })}</small>}</>;
}

function Keepers({ of, end }: { of: DepartmentSeal; end: ((keeper: SealKeeper) => void) | null }) {
  const t = useText();
  if (of.keepers.length === 0) return <small>{t("nobody")}</small>;
  return of.keepers.map((one) => (
    <p key={`${one.user.id}${one.givenAt}`} className="row wrap">
      <b>{one.user.name}</b> <small>{t("since", { given: one.givenBy.name, time: fullDateTime(one.givenAt) })}</small>
      {one.ended && <small className="muted">{t("ended", { time: fullDateTime(one.ended.at), reason: one.ended.reason })}</small>}
      {end && !one.ended && <button type="button" className="btn small danger" aria-label={`${t("end")} ${one.user.name}`} onClick={() => end(one)}>{t("end")}</button>}
    </p>
  ));
}

type Doing = { what: "issue" | "revoke" | "name"; of: DepartmentSeal } | { what: "end"; of: DepartmentSeal; keeper: SealKeeper };

/** The record room has no part in it. */
export function Seals() {
  return useSession().session.user.role === "record-room" ? null : <Listed />;
}

function Listed() {
  const t = useText();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const query = useQuery({ queryKey: keys.departmentSeals, queryFn: ({ signal }) => get<DepartmentSeals>("/department-seals", signal) });
  const found = query.data;
  const close = () => setDoing(null);
  const done = () => {
    close();
    setSaid(t("said"));
    void cache.invalidateQueries({ queryKey: keys.departmentSeals });
  };
  return (
    <section>
      <div className="bar"><h2>{t("title")}</h2><span className="muted" role="status">{said}</span></div>
      <p className="muted lead">{t("lead")}</p>
      {query.isPending && <Loading />}
      {query.isError && <Failure title={t("loadFailed")} error={query.error} retry={() => void query.refetch()} />}
      {found && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("department")}</th><th scope="col">{t("certificate")}</th><th scope="col">{t("keepers")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>
              {found.departments.map((of) => (
                <tr key={of.department.id}>
                  <td><b>{of.department.name}</b> <small>{of.department.code}</small></td>
                  <td><Certificate of={of} /></td>
                  <td><Keepers of={of} end={found.mayName ? (keeper) => setDoing({ what: "end", of, keeper }) : null} /></td>
                  <td>
                    <div className="row">
                      {found.mayIssue && <button type="button" className="btn small" onClick={() => setDoing({ what: "issue", of })}>{t(of.certificate ? "issueAnew" : "issue")}</button>}
                      {found.mayIssue && of.certificate && !of.certificate.revokedAt && <button type="button" className="btn small danger" onClick={() => setDoing({ what: "revoke", of })}>{t("revoke")}</button>}
                      {found.mayName && <button type="button" className="btn small" onClick={() => setDoing({ what: "name", of })}>{t("name")}</button>}
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {doing?.what === "issue" && <Issue of={doing.of} onClose={close} onDone={done} />}
      {doing?.what === "revoke" && <Revoke of={doing.of} onClose={close} onDone={done} />}
      {doing?.what === "name" && <Name of={doing.of} onClose={close} onDone={done} />}
      {doing?.what === "end" && <ReasonDialog title={t("endAsk", { name: doing.of.department.name, person: doing.keeper.user.name })} label={t("endWhy")} action={t("end")} name="reason" missing={t("needReason")} path={`/department-seals/${doing.of.department.id}/keepers/end`} body={{ userId: doing.keeper.user.id }} onClose={close} onDone={done} />}
    </section>
  );
}
