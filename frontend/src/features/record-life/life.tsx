// Who signed what, what happened to the record, and what holds it.
import type { LegalHold, RecordLife } from "@/api";
import { fullDateTime } from "@/lib/time";
import "@/ui/table.css";
import { useText } from "./text";

function Signers({ life }: { life: RecordLife }) {
  const t = useText();
  return (
    <section>
      <h3>{t("signatures")}</h3>
      {life.signatures.length === 0 && <p className="muted">{t("noSignatures")}</p>}
      {life.signatures.length > 0 && (
        <table className="grid">
          <thead><tr><th scope="col">{t("what")}</th><th scope="col">{t("signer")}</th><th scope="col" className="num">{t("count")}</th><th scope="col">{t("last")}</th></tr></thead>
          <tbody>{life.signatures.map((one) => <tr key={`${one.title} ${one.signer.id}`}><td>{one.title}</td><td>{one.signer.name}</td><td className="num">{one.count}</td><td>{fullDateTime(one.lastAt)}</td></tr>)}</tbody>
        </table>
      )}
    </section>
  );
}

function Events({ life }: { life: RecordLife }) {
  const t = useText();
  return (
    <section>
      <h3>{t("life")}</h3>
      {life.events.length === 0 && <p className="muted">{t("noLife")}</p>}
      <ol className="lifelist">
        {[...life.events].reverse().map((event) => (
          <li key={event.id}>
            <time dateTime={event.at}>{fullDateTime(event.at)}</time>
            <div>
              <p><b>{event.text}</b> <span className="muted">{event.by?.name ?? t("byRule")}</span></p>
              {event.reason && <p>{event.reason}</p>}
              {event.sha256 && <p className="sha muted">{t("sha", { sha: event.sha256 })}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Holds({ holds, lift }: { holds: readonly LegalHold[]; lift: ((hold: LegalHold) => void) | null }) {
  const t = useText();
  return (
    <section>
      <h3>{t("holds")}</h3>
      <ol className="lifelist">
        {holds.map((hold) => (
          <li key={hold.id}>
            <time dateTime={hold.placedAt}>{fullDateTime(hold.placedAt)}</time>
            <div>
              <p><b>{hold.groundText}</b> {!hold.lifted && <span className="tag warn">{t("held")}</span>} <span className="muted">{hold.placedBy.name}</span></p>
              <p>{hold.reason}</p>
              {hold.lifted && <p className="muted">{t("lifted", { name: hold.lifted.by.name, time: fullDateTime(hold.lifted.at), reason: hold.lifted.reason })}</p>}
            </div>
            {lift && !hold.lifted && <button type="button" className="btn small danger" onClick={() => lift(hold)}>{t("doLift")}</button>}
          </li>
        ))}
      </ol>
    </section>
  );
}

export function Life({ life, lift }: { life: RecordLife; lift: ((hold: LegalHold) => void) | null }) {
  return (
    <>
      {life.holds.length > 0 && <Holds holds={life.holds} lift={lift} />}
      <Signers life={life} />
      <Events life={life} />
    </>
  );
}
