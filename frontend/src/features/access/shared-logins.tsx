import { useQuery } from "@tanstack/react-query";
import { get, keys, type SharedLogin, type UsedFrom } from "@/api";
import { fullDateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import { useText } from "./text";

export function SharedLogins() {
  const t = useText();
  const found = useQuery({ queryKey: keys.sharedLogins, queryFn: ({ signal }) => get<SharedLogin[]>("/sessions/shared", signal) });
  const span = (from: string, until: string) => t("span", { from: fullDateTime(from), until: fullDateTime(until) });
  const used = (one: UsedFrom) => <><b>{one.address}</b><small>{span(one.from, one.until)}</small></>;
  return (
    <>
      <p className="muted lead">{t("sharedLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("noShared")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard access" tabIndex={0} role="region" aria-label={t("tabShared")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("who")}</th><th scope="col">{t("machineOne")}</th><th scope="col">{t("machineTwo")}</th><th scope="col">{t("both")}</th></tr></thead>
            <tbody>{found.data.map((one) => <tr key={`${one.user.id} ${one.one.from} ${one.other.from} ${one.other.address}`}><td><b>{one.user.name}</b><small>{t(`role-${one.user.role}`)}</small></td><td>{used(one.one)}</td><td>{used(one.other)}</td><td>{span(one.from, one.until)}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </>
  );
}
