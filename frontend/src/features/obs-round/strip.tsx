// The line under a row while something about it must be said: a refused value, a reason asked, a failed save, or a
// score that calls for help. It never takes the focus by itself.
import { type KeyboardEvent } from "react";
import type { News2, Range, RoundRow, VitalCode } from "@/api";
import { useCommon } from "@/i18n";
import { composing } from "@/lib/hotkey";
import { figure } from "@/lib/number";
import { DECIMALS } from "@/lib/vitals";
import { read, type Column } from "@/lib/vital-cell";
import type { RoundStore, RowState } from "./store";
import { useText } from "./text";

interface Props { row: RoundRow; state: RowState; columns: readonly Column[]; ranges: ReadonlyMap<VitalCode, Range>; score: News2 | null; store: RoundStore }

function escalation(score: News2 | null): "escalate3" | "escalate5" | "escalate7" | null {
  if (!score) return null;
  if (score.band === "emergency") return "escalate7";
  if ((score.total ?? 0) >= 5) return "escalate5";
  return score.single3 ? "escalate3" : null;
}

export function Strip({ row, state, columns, ranges, score, store }: Props) {
  const t = useText();
  const common = useCommon();
  const { draft } = state;
  const lines: { key: string; text: string; ask?: VitalCode; loud: boolean }[] = [];
  const bound = (code: VitalCode, value: number | undefined) => (value === undefined ? "" : figure(value, DECIMALS[code] ?? 0));
  for (const column of columns) {
    const typed = draft?.cells[column];
    if (typed === undefined) continue;
    const reading = read(column, typed, ranges);
    if (reading.kind === "refused") {
      const { code, why } = reading;
      const range = ranges.get(code);
      const how = column === "bp" ? "howPressure" : column === "oxygen" ? "howOxygen" : column === "acvpu" ? "howAcvpu" : "howNumber";
      const text = why === "hard" ? t("hard", { what: common(code), typed, low: bound(code, range?.hardLow), high: bound(code, range?.hardHigh) }) : why === "pressure-order" ? t("pressureOrder", { typed }) : t("format", { what: common(column), typed, how: t(how) });
      lines.push({ key: column, text, loud: true });
    } else if (reading.kind !== "empty") {
      for (const code of reading.soft) {
        const range = ranges.get(code);
        const value = reading.values.find((one) => one.code === code)?.value;
        lines.push({ key: code, ask: code, loud: false, text: t("soft", { what: common(code), typed: bound(code, value), low: bound(code, range?.softLow), high: bound(code, range?.softHigh) }) });
      }
    }
  }
  if (state.phase === "failed" && state.error) lines.push({ key: "failed", text: state.error, loud: true });
  const call = escalation(score);
  if (lines.length === 0 && !call) return null;

  const onward = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Enter" || composing(event)) return;
    event.preventDefault();
    const body = event.currentTarget.closest("tbody");
    const asked = event.currentTarget.dataset["reason"];
    const next = [...(body?.querySelectorAll<HTMLInputElement>("input[data-reason]") ?? [])].find((one) => one.value.trim() === "" && one.dataset["reason"] !== asked);
    const column = asked === "sbp" || asked === "dbp" ? "bp" : asked;
    const cells = [...(event.currentTarget.closest("table")?.querySelectorAll<HTMLInputElement>("input[data-col]") ?? [])];
    const here = cells.findIndex((cell) => cell.closest("tbody") === body && cell.dataset["col"] === column);
    (next ?? cells[here + 1])?.focus();
  };
  return (
    <tr className="strip">
      <td colSpan={20}>
        <div id={`strip-${row.encounterId}`}>
          {lines.map(({ key, text, ask, loud }) => (
            <p key={key} className={loud ? "loud" : "ask"} role={loud ? "alert" : undefined}>
              <span>{text}</span>
              {ask && (
                <input data-reason={ask} type="text" aria-label={t("softReason", { what: common(ask) })} value={draft?.reasons[ask] ?? ""}
                  onChange={(event) => store.reason(row.encounterId, ask, event.target.value)} onKeyDown={onward} />
              )}
            </p>
          ))}
          {call && <p className={call === "escalate7" ? "loud" : "call"} role="status">{t(call, { bed: row.bed, name: row.name, total: score?.total ?? "" })}</p>}
        </div>
      </td>
    </tr>
  );
}
