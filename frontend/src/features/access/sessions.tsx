import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, send, type OpenSession } from "@/api";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import { SessionTable } from "./session-table";
import { useText } from "./text";

export function Sessions() {
  const t = useText();
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const found = useQuery({ queryKey: keys.sessions, queryFn: ({ signal }) => get<OpenSession[]>("/sessions", signal) });
  const end = (session: OpenSession) => {
    send("POST", `/sessions/${session.id}/end`).then(() => {
      setSaid(t("ended", { name: session.user.name }));
      setError(null);
      void found.refetch();
    }, setError);
  };
  return (
    <>
      <p className="muted" role="status">{said}</p>
      <Refusal error={error} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("noSessions")} />}
      {found.data && found.data.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("tabSessions")}><SessionTable sessions={found.data} named end={end} /></div>
      )}
    </>
  );
}
