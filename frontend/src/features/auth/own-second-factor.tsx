// One's own second factor, beside one's own sessions: whether there is one, and another phone in its place.
import { useState } from "react";
import { useSession } from "@/lib/session";
import { SecondFactor } from "./second-factor";
import { useText } from "./text";

export function OwnSecondFactor() {
  const t = useText();
  const { session, renew } = useSession();
  const [open, setOpen] = useState(false);
  const left = session.recoveryCodesLeft;
  return (
    <section className="stack" aria-labelledby="factor-title">
      <h3 id="factor-title">{t("code")}</h3>
      {!open && <p className="muted">{left === null ? `${t("factorNone")} ${t("factorWhy")}` : t("factorHave", { n: String(left) })}</p>}
      {open
        ? <SecondFactor renewing={left !== null} onSession={(next) => { setOpen(false); renew(next); }} leave={t("back")} onLeave={() => setOpen(false)} />
        : <div className="row"><button type="button" className="btn" onClick={() => setOpen(true)}>{t(left === null ? "factorSetUp" : "factorRenew")}</button></div>}
    </section>
  );
}
