// Whose certificates the hospital believes, since when and why; and what it believed before.
import { useQuery } from "@tanstack/react-query";
import { get, keys, type TrustedAuthority } from "@/api";
import { now as atNow } from "@/lib/clock";
import { birthDate, fullDateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import { useText } from "./text";

/** An authority that ends within half a year needs its successor by then. */
const SOON = 183 * 24 * 3_600_000;

function Table({ rows, title, now }: { rows: readonly TrustedAuthority[]; title: string; now: boolean }) {
  const t = useText();
  return (
    // Scrolls, so it must take the keyboard's focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="card tablecard access" tabIndex={0} role="region" aria-label={title}>
      <table className="grid">
        <caption className="sr">{title}</caption>
        <thead><tr><th scope="col">{t("authority")}</th><th scope="col">{t("purpose")}</th><th scope="col">{t("validUntil")}</th>{!now && <th scope="col">{t("change")}</th>}<th scope="col">{t("trustedSince")}</th><th scope="col">{t("trustedWhy")}</th></tr></thead>
        <tbody>
          {rows.map((one) => (
            <tr key={`${one.fingerprint} ${one.at} ${one.change}`}>
              <td><b>{one.subject}</b><small title={one.fingerprint}>{t("fingerprint", { print: one.fingerprint.slice(0, 16) })}</small></td>
              <td>{one.kindText}</td>
              <td>{birthDate(one.notAfter.slice(0, 10))} {now && Date.parse(one.notAfter) - atNow() < SOON && <span className="tag warn">{t("endsSoon")}</span>}</td>
              {!now && <td>{t(`change-${one.change}`)}</td>}
              <td>{fullDateTime(one.at)}<small>{one.by?.name ?? t("byMachine")}</small></td>
              <td>{one.reason}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function TrustList() {
  const t = useText();
  const found = useQuery({ queryKey: keys.authorities, queryFn: ({ signal }) => get<TrustedAuthority[]>("/authorities", signal) });
  const standing = found.data?.filter((one) => one.trusted) ?? [];
  const past = found.data?.filter((one) => !one.trusted) ?? [];
  return (
    <>
      <p className="muted lead">{t("trustLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("trustNone")} />}
      {standing.length > 0 && <><h2>{t("trustNow")}</h2><Table rows={standing} title={t("trustNow")} now /></>}
      {past.length > 0 && <><h2>{t("trustPast")}</h2><Table rows={past} title={t("trustPast")} now={false} /></>}
    </>
  );
}
