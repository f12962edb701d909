// A table of rows: Enter in the last cell goes on with a new row, Alt with the arrows moves a row, and what was removed
// can be had back.
import { memo, useCallback, useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { FormField } from "@/api";
import { now } from "@/lib/clock";
import { composing } from "@/lib/hotkey";
import { figure } from "@/lib/number";
import { Control } from "./control";
import { calculated } from "./rules";
import { useText } from "./text";
import { blankRow, isBlankRow, readCell, rowsIn, writtenColumns, type Typed, type TypedCell, type TypedRow } from "./typed";

type Change = (next: (was: Typed | undefined) => Typed) => void;
type Faults = Readonly<Record<string, string>>;
type Act = (what: "up" | "down" | "remove" | "after", at: number) => void;

const cellOf = (table: string, at: number, column: string) => document.querySelector<HTMLElement>(`[data-place="${table}/${at}/${column}"] :is(input, select, textarea)`);

interface RowProps { field: FormField; row: TypedRow; at: number; last: boolean; faults: Faults | undefined; set: (at: number, column: string, cell: TypedCell) => void; act: Act }
const Row = memo(function Row({ field, row, at, last, faults, set, act }: RowProps) {
  const t = useText();
  const columns = field.columns ?? [];
  const written = writtenColumns(field);
  const answerOf = (column: FormField) => {
    const values = Object.fromEntries(written.flatMap((one) => {
      const { value } = readCell(one, row[one.name], now());
      return value === undefined ? [] : [[one.name, value] as const];
    }));
    const answer = calculated(column, values);
    return answer === null ? "" : figure(answer, column.decimals ?? 0);
  };
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (composing(event)) return;
    const target = event.target as HTMLElement;
    const inLast = target.closest("td")?.dataset["place"] === `${field.name}/${at}/${written.at(-1)?.name}`;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) act(event.key === "ArrowUp" ? "up" : "down", at);
    else if (event.altKey && event.key === "Delete") act("remove", at);
    else if (event.key === "Enter" && inLast && last && target.tagName !== "TEXTAREA" && target.tagName !== "BUTTON" && !isBlankRow(row)) act("after", at);
    else return;
    event.preventDefault();
  };
  return (
    <tr onKeyDown={press}>
      <th scope="row">{at + 1}</th>
      {columns.map((column) => {
        const place = `${field.name}/${at}/${column.name}`;
        const fault = faults?.[place];
        const label = `${column.label}, ${t("rowN", { n: at + 1 })}`;
        if (column.calculation) return <td key={column.name} className={`c-${column.kind}`}><output className="answer" aria-label={label}>{answerOf(column)}</output></td>;
        return (
          <td key={column.name} className={`c-${column.kind}`} data-place={place}>
            <Control field={column} typed={row[column.name]} change={(cell) => set(at, column.name, cell)} place={place} label={label} wrong={fault !== undefined} describedBy={fault && `w-${place}`} />
            {fault && <small className="wrong" id={`w-${place}`}>{fault}</small>}
          </td>
        );
      })}
      <td className="rowacts">
        <button type="button" className="btn quiet small" aria-label={t("rowUp", { n: at + 1 })} aria-disabled={at === 0} onClick={() => act("up", at)}>↑</button>
        <button type="button" className="btn quiet small" aria-label={t("rowDown", { n: at + 1 })} aria-disabled={last} onClick={() => act("down", at)}>↓</button>
        <button type="button" className="btn quiet small" aria-label={t("rowRemove", { n: at + 1 })} onClick={() => act("remove", at)}>×</button>
      </td>
    </tr>
  );
});

export function TableControl({ field, typed, change, faults }: { field: FormField; typed: Typed | undefined; change: Change; faults: Faults | undefined }) {
  const t = useText();
  const rows = rowsIn(typed);
  const [removed, setRemoved] = useState<{ row: TypedRow; at: number } | null>(null);
  const undo = useRef<HTMLButtonElement>(null);
  /** Where the focus goes once the rows have been drawn anew. */
  const next = useRef<{ at: number; column?: string } | "undo" | null>(null);
  useEffect(() => {
    const to = next.current;
    next.current = null;
    if (to === "undo") undo.current?.focus();
    else if (to) cellOf(field.name, to.at, to.column ?? writtenColumns(field)[0]?.name ?? "")?.focus();
  });
  const set = useCallback((at: number, column: string, cell: TypedCell) => change((was) => rowsIn(was).map((row, i) => (i === at ? { ...row, [column]: cell } : row))), [change]);
  const act = useCallback<Act>((what, at) => {
    const column = (document.activeElement?.closest("td[data-place]") as HTMLElement | null)?.dataset["place"]?.split("/")[2];
    change((was) => {
      const all = [...rowsIn(was)];
      if (what === "after") return [...all, blankRow(field)];
      const [row] = all.splice(at, 1);
      if (!row) return all;
      if (what !== "remove") all.splice(Math.min(Math.max(at + (what === "up" ? -1 : 1), 0), all.length), 0, row);
      else setRemoved({ row, at });
      return all;
    });
    next.current = what === "remove" ? "undo" : what === "after" ? { at: at + 1 } : { at: at + (what === "up" ? -1 : 1), ...(column && { column }) };
  }, [change, field]);
  const putBack = () => {
    if (!removed) return;
    next.current = { at: removed.at };
    change((was) => [...rowsIn(was).slice(0, removed.at), removed.row, ...rowsIn(was).slice(removed.at)]);
    setRemoved(null);
  };
  return (
    <div className="formtable">
      {rows.length > 0 && (
        <div className="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col"><span className="sr">{t("row")}</span></th>
                {field.columns?.map((column) => <th key={column.name} scope="col">{column.label} {(column.unit_label ?? column.unit) && <span>{column.unit_label ?? column.unit}</span>}</th>)}
                <th scope="col"><span className="sr">{t("rowActions")}</span></th>
              </tr>
            </thead>
            <tbody>{rows.map((row, at) => <Row key={at} field={field} row={row} at={at} last={at === rows.length - 1} faults={faults} set={set} act={act} />)}</tbody>
          </table>
        </div>
      )}
      <div className="row wrap">
        <button type="button" className="btn small" onClick={() => act("after", rows.length - 1)}>+ {t("addRow")}</button>
        {rows.length > 0 && <small className="muted">{t("rowKeys")}</small>}
        <span role="status">{removed && t("rowRemoved", { n: removed.at + 1 })}</span>
        {removed && <button type="button" ref={undo} className="btn quiet small" onClick={putBack}>{t("undo")}</button>}
      </div>
    </div>
  );
}
