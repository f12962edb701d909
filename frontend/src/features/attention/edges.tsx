// The gateways and bridges themselves: one that has not reported for minutes is the first thing to look at.
import type { AttentionEdge } from "@/api";
import { clockTime, dateTime, dayKey } from "@/lib/time";
import { useText } from "./text";

interface Props { edges: AttentionEdge[]; now: string; forget: ((edge: AttentionEdge) => void) | null }

export function Edges({ edges, now, forget }: Props) {
  const t = useText();
  const time = (at: string) => (dayKey(at) === dayKey(now) ? clockTime(at) : dateTime(at));
  return (
    <ul className="edges">
      {edges.map((edge) => (
        <li key={edge.edge} className={edge.silent ? "card silent" : undefined}>
          <b>{t(edge.kind)}</b> <span>{edge.name}</span>{" "}
          <span className={edge.silent ? "tag bad" : "tag good"}>{t(edge.silent ? "silent" : "reported", { time: time(edge.reportedAt) })}</span>
          {edge.silent && <p>{t("silentDo", { name: edge.name })}</p>}
          {edge.silent && forget && <button type="button" className="btn small" onClick={() => forget(edge)}>{t("forget")}</button>}
        </li>
      ))}
    </ul>
  );
}
