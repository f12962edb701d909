// The rights that the server decides by, as it tells them: nothing here is written twice.
import { useQuery } from "@tanstack/react-query";
import { get, keys, type PolicyLine } from "@/api";
import { Failure, Loading } from "@/ui/status";
import { useText } from "./text";

const REACH = { none: "reachNone", granted: "reachGranted", ward: "reachWard", facility: "reachFacility" } as const;

export function PolicyTable() {
  const t = useText();
  const found = useQuery({ queryKey: keys.policy, queryFn: ({ signal }) => get<PolicyLine[]>("/policy", signal) });
  const lines = found.data ?? [];
  return (
    <>
      <p className="muted lead">{t("policyLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {lines.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard policy" tabIndex={0} role="region" aria-label={t("tabPolicy")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("subject")}</th><th scope="col">{t("verb")}</th>{lines[0]?.reach.map(({ role }) => <th scope="col" key={role}>{t(`role-${role}`)}</th>)}</tr></thead>
            <tbody>
              {lines.map((line, i) => (
                <tr key={`${line.subject} ${line.verb}`}>
                  <th scope="row">{lines[i - 1]?.subject === line.subject ? <span className="sr">{line.subjectName}</span> : line.subjectName}</th>
                  <td>{t(line.verb)}{line.inEmergency && <> <span className="tag warn">{t("inEmergency")}</span></>}{line.ofReaders && <> <span className="tag">{t("ofReaders")}</span></>}</td>
                  {line.reach.map(({ role, reach }) => <td key={role} className={reach}>{t(REACH[reach])}</td>)}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
