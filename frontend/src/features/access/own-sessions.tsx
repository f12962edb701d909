// Where one's own account is open: who sees a place that is not theirs ends it.
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { get, keys, send, type OpenSession } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/page.css";
import "@/ui/table.css";
import "./access.css";
import { SessionTable } from "./session-table";
import { useText } from "./text";

export function OwnSessions({ onClose, children }: { onClose: () => void; /** What else is one's own. */ children?: ReactNode }) {
  const t = useText();
  const common = useCommon();
  const [error, setError] = useState<unknown>(null);
  const found = useQuery({ queryKey: keys.ownSessions, queryFn: ({ signal }) => get<OpenSession[]>("/sessions/mine", signal) });
  const end = (session: OpenSession) => send("POST", `/sessions/${session.id}/end`).then(() => void found.refetch(), setError);
  return (
    <Dialog title={t("mineTitle")} onClose={onClose} wide>
      <p className="muted">{t("mineLead")}</p>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      <Refusal error={error} />
      {found.data && <SessionTable sessions={found.data} named={false} end={(one) => void end(one)} />}
      {children}
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button></div>
    </Dialog>
  );
}
