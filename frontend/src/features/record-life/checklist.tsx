// What keeps the record open, each with whose it is and a way to where it is mended.
import { Link } from "wouter";
import type { RecordBlock, RecordLife, Role } from "@/api";
import { useWrites } from "@/lib/chart";
import { charts, useSession } from "@/lib/session";
import { Icon } from "@/ui/icons";
import { useText } from "./text";

/** Who has the screen where they are mended. */
const SEE_CONFIRMATIONS: readonly Role[] = ["director", "record-room", "auditor"];

function Item({ block, life, rejectAll }: { block: RecordBlock; life: RecordLife; rejectAll: (() => void) | null }) {
  const t = useText();
  const { part } = block;
  const { role } = useSession().session.user;
  const place = part === "confirmation" ? "/confirmations" : `/chart/${life.encounterId}${part === "vitals" ? "" : `/${part}`}`;
  return (
    <li>
      <Icon name="warn" size={16} />
      <div><p>{block.text}</p>{block.people.length > 0 && <p className="muted">{block.people.map((one) => one.name).join(", ")}</p>}</div>
      {block.what === "device-set" && rejectAll && <button type="button" className="btn small" onClick={rejectAll}>{t("rejectAll")}</button>}
      {part !== "stay" && (part !== "confirmation" || SEE_CONFIRMATIONS.includes(role)) && <Link className="btn small" href={place}>{t("goTo")} {t(part)}</Link>}
    </li>
  );
}

export function Checklist({ life, rejectAll }: { life: RecordLife; rejectAll: () => void }) {
  const t = useText();
  const { role } = useSession().session.user;
  const writes = useWrites();
  const open = life.blocks.length > 0;
  const lead = life.state === "archived" ? t("archivedLead") : life.state === "closed" ? t(open ? "lateWaits" : "closedLead") : t(life.mayClose ? "complete" : "completeForOthers");
  return (
    <section className="checklist">
      {open && life.state === "active" ? <h3>{t("blocks")}</h3> : <p className={open ? "refusal" : "allgood"}>{!open && <Icon name="check" size={16} />} {lead}</p>}
      {open && <ul>{life.blocks.map((block) => <Item key={block.what} block={block} life={life} rejectAll={charts(role) && writes && life.state === "active" ? rejectAll : null} />)}</ul>}
    </section>
  );
}
