// One's own second factor, beside one's own sessions: the phone, and security keys.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type OwnFactor, type Session } from "@/api";
import { useSession } from "@/lib/session";
import { Failure, Loading } from "@/ui/status";
import { OwnSecurityKeys } from "./own-keys-list";
import { SecondFactor } from "./second-factor";
import { useKeyText, useText } from "./text";

export function OwnSecondFactor() {
  const k = useKeyText();
  const { renew } = useSession();
  const found = useQuery({ queryKey: keys.ownFactor, queryFn: ({ signal }) => get<OwnFactor>("/auth/second-factor", signal) });
  if (found.isPending) return <Loading />;
  if (found.isError) return <Failure title={k("loadFailed")} error={found.error} retry={() => void found.refetch()} />;
  const changed = (session: Session) => {
    renew(session);
    void found.refetch();
  };
  return (
    <>
      <OwnPhone own={found.data} onSession={changed} />
      <OwnSecurityKeys own={found.data} onSession={changed} />
    </>
  );
}

function OwnPhone({ own, onSession }: { own: OwnFactor; onSession: (session: Session) => void }) {
  const t = useText();
  const k = useKeyText();
  const [open, setOpen] = useState(false);
  const left = own.recoveryCodesLeft;
  const none = `${t("factorNone")} ${t("factorWhy")}`;
  return (
    <section className="stack" aria-labelledby="factor-title">
      <h3 id="factor-title">{t("code")}</h3>
      {!open && <p className="muted">{own.phone ? t("factorHave", { n: String(left) }) : left === null ? none : k("noPhone", { n: String(left) })}</p>}
      {open
        ? <SecondFactor factor={left !== null} keys={own.keys.length > 0} onSession={(next) => { setOpen(false); onSession(next); }} leave={t("back")} onLeave={() => setOpen(false)} />
        : <div className="row"><button type="button" className="btn" onClick={() => setOpen(true)}>{t(own.phone ? "factorRenew" : "factorSetUp")}</button></div>}
    </section>
  );
}
