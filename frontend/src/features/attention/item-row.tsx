// One thing that waits: when, from whom, what happened in plain words, what to do. The two buttons stay where they are
// while their meaning changes, so that the keyboard's focus stays too.
import type { AttentionEntry } from "@/api";
import { useAtTime } from "@/lib/clock";
import { clockTime, dateTime } from "@/lib/time";
import { useCallback } from "react";
import { useText, wordsOf } from "./text";

export type Decide = (what: "again" | "seen" | "undo", item: AttentionEntry) => void;
interface Props { item: AttentionEntry; where: string; decide: Decide | null }

const MINUTE = 60_000;

function When({ item }: { item: AttentionEntry }) {
  const t = useText();
  const earlier = Date.parse(item.since) - Date.parse(item.at) > MINUTE;
  return (
    <>
      {dateTime(item.since)} {item.times > 1 && <span className="tag">{t("times", { n: item.times })}</span>}
      {earlier && <small>{t(item.times > 1 ? "first" : "came", { time: dateTime(item.at) })}</small>}
    </>
  );
}

function State({ item }: { item: AttentionEntry }) {
  const t = useText();
  if (!item.doing) return null;
  return (
    <small className="doing">
      <span className="tag new">{t(item.doing.choice === "again" ? "sending" : "leaving")}</span> {t("by", { name: item.doing.by.name, time: clockTime(item.doing.at) })}
    </small>
  );
}

function Buttons({ item, title, decide }: { item: AttentionEntry; title: string; decide: Decide }) {
  const t = useText();
  const until = item.doing?.undoUntil ?? null;
  const undoable = useAtTime(useCallback((now) => until !== null && now < Date.parse(until), [until]));
  const done = item.doing !== null;
  const name = (label: string) => `${label}: ${title}, ${item.sender || item.about}`;
  const seen = t(undoable ? "undo" : "seen");
  return (
    <div className="row end">
      {item.again && <button type="button" className="btn small p" aria-disabled={done || undefined} aria-label={name(t("again"))} onClick={() => !done && decide("again", item)}>{t("again")}</button>}
      <button type="button" className="btn small" aria-disabled={(done && !undoable) || undefined} aria-label={name(seen)} onClick={() => (undoable ? decide("undo", item) : !done && decide("seen", item))}>{seen}</button>
    </div>
  );
}

export function ItemRow({ item, where, decide }: Props) {
  const t = useText();
  const words = wordsOf(item.kind);
  const about = item.kind.startsWith("message-") ? t("message", { about: item.about }) : item.about;
  return (
    <tr>
      <td className="when"><When item={item} /></td>
      <td className="from"><b>{item.sender || where}</b><small>{item.address}</small>{item.sender && <small>{where}</small>}</td>
      <td className="what">
        <b>{t(words.title)}</b>
        <p>{t(words.todo)}</p>
        <small>{about}{about && item.reason && " · "}{item.reason && <span lang="en">{item.reason}</span>}</small>
      </td>
      <td className="act">{decide && <Buttons item={item} title={t(words.title)} decide={decide} />}<State item={item} /></td>
    </tr>
  );
}
