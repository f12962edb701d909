// Colleagues who may read for a while, a row each, with the way to end it; or what it means that there are none.
import { useEffect, useRef } from "react";
import type { PersonRef } from "@/api";
import { useSession } from "@/lib/session";
import "@/ui/table.css";
import { useText } from "./text";

export interface Row { key: string; user: PersonRef; tag?: string | false; cells: readonly string[]; end: (() => void) | null }
export function NamesTable({ label, heads, rows, none, ended }: { label: string; heads: readonly string[]; rows: readonly Row[]; none: string; ended: number }) {
  const t = useText();
  const { user } = useSession().session;
  const whole = useRef<HTMLDivElement>(null);
  const ends = rows.some((row) => row.end);
  // The row that had the focus is gone with whom it was about.
  useEffect(() => {
    if (ended > 0) whole.current?.focus();
  }, [ended]);
  return (
    <div className="scroll-x" ref={whole} tabIndex={-1} role="region" aria-label={label}>
      {rows.length === 0 ? <p>{none}</p> : <table className="grid">
        <thead><tr><th scope="col">{t("name")}</th>{heads.map((head) => <th scope="col" key={head}>{head}</th>)}{ends && <th scope="col"><span className="sr">{t("action")}</span></th>}</tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <td><b>{row.user.name}</b>{row.user.id === user.id && <> <span className="tag">{t("you")}</span></>}{row.tag && <> <span className="tag good">{row.tag}</span></>}</td>
              {/* A row's cells have no identity but their place. */}
              {row.cells.map((cell, i) => <td key={i}>{cell}</td>)}
              {ends && <td className="num">{row.end && <button type="button" className="btn small" aria-label={t("endOne", { name: row.user.name })} onClick={row.end}>{t("end")}</button>}</td>}
            </tr>
          ))}
        </tbody>
      </table>}
    </div>
  );
}
