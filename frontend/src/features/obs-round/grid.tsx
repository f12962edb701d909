// The native table and the keys that walk it. Rows know their values (row-view.tsx); this knows only places.
import { type KeyboardEvent, type Ref } from "react";
import type { Range, RoundRow, VitalCode } from "@/api";
import { UNITS } from "@/lib/vitals";
import { VitalName } from "@/ui/vital-name";
import type { Column } from "@/lib/vital-cell";
import { RowView } from "./row-view";
import type { Words } from "./row";
import type { RoundStore } from "./store";
import { useText } from "./text";

const cells = (root: Element | null) => [...(root?.querySelectorAll<HTMLInputElement>("input[data-col]") ?? [])];
export const focusedRow = (root: Element | null): string | undefined => {
  const body = document.activeElement?.closest<HTMLElement>("tbody[data-row]");
  return body && root?.contains(body) ? body.dataset["row"] : undefined;
};

function step(root: Element | null, rowsAway: number, toColumn?: string): boolean {
  const bodies = [...(root?.querySelectorAll<HTMLElement>("tbody[data-row]") ?? [])];
  const here = document.activeElement?.closest<HTMLElement>("tbody[data-row]");
  const target = bodies[(here ? bodies.indexOf(here) : -1) + rowsAway];
  const column = toColumn ?? (document.activeElement as HTMLElement | null)?.dataset["col"];
  const inputs = cells(target ?? null);
  const input = inputs.find((one) => one.dataset["col"] === column) ?? inputs[0];
  input?.focus();
  return input !== undefined;
}
export const focusNextRow = (root: Element | null) => step(root, 1);

/** Enter, arrows: where the focus goes. Answers false for keys that belong to the text. */
export function walk(event: KeyboardEvent<HTMLInputElement>): boolean {
  const input = event.currentTarget;
  const root = input.closest("table");
  const all = cells(root);
  const at = all.indexOf(input);
  // All of a cell is selected when it is entered, so arrows leave it at once; after typing they first move the caret.
  const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  switch (event.key) {
    case "Enter":
      all[at + (event.shiftKey ? -1 : 1)]?.focus();
      return true;
    case "ArrowDown":
      return step(root, 1), true;
    case "ArrowUp":
      return step(root, -1), true;
    case "ArrowLeft":
      if (!whole && input.selectionStart !== 0) return false;
      return all[at - 1]?.focus(), true;
    case "ArrowRight":
      if (!whole && input.selectionEnd !== input.value.length) return false;
      return all[at + 1]?.focus(), true;
    default:
      return false;
  }
}

interface Props { ref: Ref<HTMLTableElement>; rows: readonly RoundRow[]; columns: readonly Column[]; store: RoundStore; ranges: ReadonlyMap<VitalCode, Range>; words: Words }
export function Grid({ ref, rows, columns, store, ranges, words }: Props) {
  const t = useText();
  return (
    <div className="round-scroll">
      <table className="obs" ref={ref}>
        <caption className="sr">{t("title")}</caption>
        <colgroup>
          <col className="c-who" />
          {columns.map((column) => <col key={column} className={`c-${column}`} />)}
          <col className="c-news" />
          <col className="c-state" />
        </colgroup>
        <thead>
          <tr>
            <th scope="col" className="who">{t("patient")}</th>
            {columns.map((column) => (
              <th scope="col" key={column}><VitalName code={column} /><small>{column === "bp" ? "mmHg" : column === "oxygen" ? "0 · l/ph" : UNITS[column]}</small></th>
            ))}
            <th scope="col" className="mid">NEWS2</th>
            <th scope="col" className="who">{t("status")}</th>
          </tr>
        </thead>
        {rows.map((row) => <RowView key={row.encounterId} row={row} columns={columns} store={store} ranges={ranges} air={words.air} onOxygen={words.onOxygen} />)}
      </table>
    </div>
  );
}
