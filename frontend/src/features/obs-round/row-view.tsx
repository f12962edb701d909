// One patient's row: cells, live score, state, and the strip that asks for a reason or says what is wrong.
import { memo, useCallback, useMemo, useRef, useState, useSyncExternalStore, type FocusEvent, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import type { News2, Range, RoundRow, VitalCode } from "@/api";
import { useCommon } from "@/i18n";
import { useAtTime } from "@/lib/clock";
import { composing } from "@/lib/hotkey";
import { clockTime } from "@/lib/time";
import { arrow, loudness } from "@/lib/vitals";
import { News2Badge } from "@/ui/news2-badge";
import { codesOf, read, tidy, type Column } from "@/lib/vital-cell";
import { walk } from "./grid";
import { currentOf, preview, signedOf, viewCell, type CellView, type RowDraft } from "./row";
import type { RoundStore, RowState } from "./store";
import { Strip } from "./strip";
import { useText } from "./text";

interface Props { row: RoundRow; columns: readonly Column[]; store: RoundStore; ranges: ReadonlyMap<VitalCode, Range>; air: string; onOxygen: string }

/** A device's set that came late, or that a person matched, says how old its numbers are. */
const LATE_MINUTES = 15;

function useStatus(row: RoundRow, state: RowState, at: number): { text: string; mark: string } {
  const t = useText();
  const current = currentOf(row, at);
  const signed = signedOf(row, at);
  if (state.phase === "saving") return { text: t("saving"), mark: "" };
  if (state.phase === "failed") return { text: t("failed"), mark: "bad" };
  if (state.draft) return { text: row.proposed && !current ? t("deviceTyped") : t("draft"), mark: "warn" };
  if (current) return { text: `${t("saved")} ${clockTime(current.effectiveAt)}`, mark: "done" };
  if (signed) return { text: `${t("signed")} ${clockTime(signed.effectiveAt)}`, mark: "done" };
  if (row.proposed) {
    const time = clockTime(row.proposed.effectiveAt);
    const age = Math.floor((at - Date.parse(row.proposed.effectiveAt)) / 60_000);
    return age > LATE_MINUTES ? { text: t("deviceLate", { time, n: age }), mark: "warn" } : { text: t("device", { time }), mark: "" };
  }
  return row.unsigned.length > 0 ? { text: t("oldUnsigned", { n: row.unsigned.length }), mark: "warn" } : { text: "", mark: "" };
}

function toneOf(view: CellView, score: News2 | null, column: Column, typing: boolean): { tone: string; side: string } {
  if (view.reading.kind === "refused") return { tone: typing ? "" : "cr", side: "" };
  if (view.origin === "suggested" || view.origin === "empty" || !score) return { tone: "", side: "" };
  const code = codesOf(column)[0] ?? "pulse";
  const tone = loudness({ news2: score }, code);
  const value = view.reading.kind === "ok" || view.reading.kind === "half" ? (view.reading.values[0]?.value ?? null) : null;
  const shown = value ?? (Number.parseFloat(view.text.replace(",", ".")) || null);
  return { tone, side: tone ? arrow(code, shown) : "" };
}

export const RowView = memo(function RowView({ row, columns, store, ranges, air, onOxygen }: Props) {
  const t = useText();
  const common = useCommon();
  const id = row.encounterId;
  const words = useMemo(() => ({ air, onOxygen }), [air, onOxygen]);
  const state = useSyncExternalStore(store.subscribe, useCallback(() => store.get(id), [store, id]));
  // A set stops being «this round's» after an hour; a minute's delay in seeing that is fine.
  const at = useAtTime(useCallback((time: number) => Math.floor(time / 60_000) * 60_000, []));
  // Half a number is often an impossible one: nothing is said about a cell until it is finished.
  const [typing, setTyping] = useState<Column | null>(null);
  const entered = useRef<{ column: Column; text: string | undefined } | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const draft: RowDraft | null = state.draft;
  const score = preview(row, draft, ranges, at);
  const status = useStatus(row, state, at);

  const leaveCell = (column: Column) => {
    setTyping(null);
    const typed = store.get(id).draft?.cells[column];
    if (typed === undefined) return;
    const neat = tidy(column, read(column, typed, ranges), words, typed);
    if (neat !== typed) store.type(id, column, neat);
  };
  const leaveRow = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) void store.leave(row);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>, column: Column, view: CellView) => {
    if (composing(event)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      const cell = event.currentTarget;
      flushSync(() => store.restore(id, column, entered.current?.text));
      cell.select(); // as on entering: the next key begins anew
      return;
    }
    if (event.key !== "Enter" || event.shiftKey) {
      if (walk(event)) event.preventDefault();
      return;
    }
    event.preventDefault();
    if (view.origin === "suggested") store.type(id, column, view.text);
    if (view.origin === "typed") {
      if (view.reading.kind === "refused") return setTyping(null);
      if (column === "bp" && view.reading.kind === "half" && !view.text.includes("/")) return store.type(id, column, `${view.text.trim()}/`);
      const asked = (view.reading.kind === "ok" || view.reading.kind === "half") && view.reading.soft.find((code) => !store.get(id).draft?.reasons[code]?.trim());
      if (asked) {
        flushSync(() => leaveCell(column));
        return body.current?.querySelector<HTMLInputElement>(`input[data-reason="${asked}"]`)?.focus();
      }
    }
    walk(event);
  };

  return (
    // Only listens for the focus leaving the row; the controls are the inputs inside.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <tbody ref={body} data-row={id} onBlur={leaveRow}>
      <tr>
        <th scope="row" className="who" title={row.name}>
          <div className="person"><span className="code">{row.bed}</span><span className="nm">{row.name}</span><em>{row.ageText}</em>{row.sameName && <span className="tag late" title={common("sameNameTitle")}>{common("sameName")}</span>}</div>
        </th>
        {columns.map((column) => {
          const view = viewCell(row, draft, column, ranges, words, at);
          const { tone, side } = toneOf(view, score, column, typing === column);
          const suggested = view.origin === "suggested";
          return (
            <td key={column} className={`${view.origin} ${tone}`}>
              {view.old && view.origin === "empty" && <span className="old" aria-hidden="true">{view.old}</span>}
              {view.old && view.origin === "typed" && <span className="old under" aria-hidden="true">{view.old}</span>}
              <input
                data-col={column} inputMode={column === "acvpu" ? "text" : "decimal"} autoComplete="off" spellCheck={false} enterKeyHint="next"
                aria-label={`${t("cell", { what: common(column), bed: row.bed, name: row.name })}${view.old && `, ${t("previous", { value: view.old })}`}`}
                aria-invalid={(view.reading.kind === "refused" && typing !== column) || undefined}
                aria-describedby={view.reading.kind === "refused" ? `strip-${id}` : undefined}
                placeholder={suggested ? view.text : undefined} value={suggested ? "" : view.text}
                onFocus={(event) => { entered.current = { column, text: draft?.cells[column] }; event.target.select(); }}
                onBlur={() => leaveCell(column)}
                onChange={(event) => { setTyping(column); store.type(id, column, event.target.value); }}
                onKeyDown={(event) => press(event, column, view)}
              />
              {side && <span className="side" aria-hidden="true">{side}</span>}
            </td>
          );
        })}
        <td className="mid">{score && (score.total !== null || score.notApplicable) ? <News2Badge news2={score} words={false} /> : <span className="muted">{score?.single3 ? <News2Badge news2={score} words={false} /> : "–"}</span>}</td>
        <td className={`st ${status.mark}`}>{status.text}</td>
      </tr>
      <Strip row={row} state={state} columns={columns.filter((column) => column !== typing)} ranges={ranges} score={draft ? score : null} store={store} />
    </tbody>
  );
});
