// The record as paper, on the left: every sheet with its state, time and author. Arrows walk it.
import type { KeyboardEvent } from "react";
import { Link } from "wouter";
import { dateTime } from "@/lib/time";
import { mySlot, type Group, type Leaf } from "./model";
import { StateMark } from "./state-mark";
import { useText } from "./text";

const NAMES = { record: "groupRecord", sheet: "groupSheet", leaves: "groupLeaves", drawn: "groupDrawn" } as const satisfies Record<Group, string>;

function walk(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const links = [...event.currentTarget.querySelectorAll("a")];
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

interface Props { groups: ReadonlyMap<Group, readonly Leaf[]>; current: string | null; hrefOf: (id: string) => string; holdsWords: (id: string) => boolean }
export function Tree({ groups, current, hrefOf, holdsWords }: Props) {
  const t = useText();
  return (
    // The arrows walk links that Tab reaches as well.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <nav className="formtree" aria-label={t("tree")} onKeyDown={walk}>
      {[...groups].map(([group, leaves]) => (
        <section key={group} aria-labelledby={`group-${group}`}>
          <h2 id={`group-${group}`}>{t(NAMES[group])} <span>{leaves.length}</span></h2>
          <ul>
            {leaves.map((leaf) => (
              <li key={leaf.id}>
                <Link href={hrefOf(leaf.id)} aria-current={leaf.id === current ? "page" : undefined} className={leaf.entry?.state === "withdrawn" ? "gone" : undefined}>
                  <b>{leaf.title}</b>
                  <span className="leafmarks">
                    <StateMark state={leaf.entry?.state ?? (leaf.document?.state === "signed" ? "signed" : "draft")} />
                    {leaf.entry?.state === "partly-signed" && mySlot(leaf.entry) && <span className="tag new">{t("yours")}</span>}
                    {holdsWords(leaf.id) && <span className="tag warn">{t("unsaved")}</span>}
                  </span>
                  <small>{t("byAt", { name: (leaf.entry ?? leaf.document).author.name, time: dateTime(leaf.at) })}</small>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
