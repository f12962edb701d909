// «Khóa bảo mật»: one's own keys, when each came and was used last; another one, or one less.
import { useState } from "react";
import type { OwnFactor, SecurityKeyRow, Session } from "@/api";
import { knowsKeys } from "@/lib/security-key";
import { fullDateTime } from "@/lib/time";
import "@/ui/table.css";
import { LostKey } from "./lost-key";
import { NewKey } from "./new-key";
import { useKeyText, useText } from "./text";

export function OwnSecurityKeys({ own, onSession }: { own: OwnFactor; onSession: (session: Session) => void }) {
  const t = useText();
  const k = useKeyText();
  const [open, setOpen] = useState<"list" | "new" | SecurityKeyRow>("list");
  const done = (session: Session) => {
    setOpen("list");
    onSession(session);
  };
  const back = () => setOpen("list");
  return (
    <section className="stack" aria-labelledby="keys-title">
      <h3 id="keys-title">{k("title")}</h3>
      {open === "new" && <NewKey factor={own.recoveryCodesLeft !== null} keys={own.keys.length > 0} onSession={done} leave={t("back")} onLeave={back} />}
      {typeof open === "object" && <LostKey row={open} onSession={done} onLeave={back} />}
      {open === "list" && (
        <>
          {own.keys.length === 0 ? <p className="muted">{k("none")}</p> : (
            <table className="grid">
              <thead><tr><th scope="col">{k("name")}</th><th scope="col">{k("added")}</th><th scope="col">{k("lastUsed")}</th><th scope="col"><span className="sr">{k("remove")}</span></th></tr></thead>
              <tbody>
                {own.keys.map((row) => (
                  <tr key={row.id}>
                    <td><b>{row.name}</b>{row.host !== own.here && <small> {k("onlyAt", { host: row.host })}</small>}</td>
                    <td>{fullDateTime(row.createdAt)}</td>
                    <td>{row.lastUsedAt ? fullDateTime(row.lastUsedAt) : k("never")}</td>
                    <td><div className="row end"><button type="button" className="btn small danger" aria-label={k("removeOf", { name: row.name })} onClick={() => setOpen(row)}>{k("remove")}</button></div></td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {own.here && knowsKeys()
            ? <div className="row"><button type="button" className="btn" onClick={() => setOpen("new")}>{k("add")}</button></div>
            : <NoKeysHere own={own} />}
        </>
      )}
    </section>
  );
}

/** Browsers lend no key to a page that was opened by an address instead of a name. */
export function NoKeysHere({ own }: { own: OwnFactor }) {
  const k = useKeyText();
  if (own.here) return <p className="muted">{k("keyAway")}</p>;
  return <p className="muted">{own.sites.length > 0 ? k("elsewhere", { sites: own.sites.join(", ") }) : k("nowhere")}</p>;
}
