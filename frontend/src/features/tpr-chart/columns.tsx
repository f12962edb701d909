// The rows under the curve, one column a day (or four hours), lined up with it. Each value opens its set.
import type { VitalCode, VitalSet } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText, type ChartText } from "@/i18n/chart";
import { clockTime, dateTime } from "@/lib/time";
import { loudness, valueOf, written, writtenPressure } from "@/lib/vitals";
import { News2Badge } from "@/ui/news2-badge";
import { VitalName } from "@/ui/vital-name";
import { givenName, newest, within, type Column } from "./model";

type RowCode = "bp" | "resp" | "spo2" | "weight";
const ROWS: readonly RowCode[] = ["bp", "resp", "spo2", "weight"];

/** The newest set of the column that carries this value; a weight is taken once a day, not in each set. */
function carrier(sets: readonly VitalSet[], code: RowCode): VitalSet | null {
  return newest(sets.filter((set) => valueOf(set, code === "bp" ? "sbp" : code) !== null));
}
export function signState(set: VitalSet, t: ChartText): { text: string; good: boolean } {
  if (set.status === "preliminary") return { text: t("toAccept"), good: false };
  if (!set.signature) return { text: t("unsigned"), good: false };
  return { text: `✓ ${givenName(set.signature.signer.name)}`, good: set.signature.state === "valid" || set.signature.state === "not-trusted" };
}

export function Columns({ sets, columns, open }: { sets: readonly VitalSet[]; columns: readonly Column[]; open: (id: string) => void }) {
  const t = useChartText();
  const common = useCommon();
  const words = { air: common("air"), onOxygen: common("onOxygen") };
  const inColumn = columns.map((column) => within(sets, column));
  const title = (set: VitalSet) => t("openSet", { time: dateTime(set.effectiveAt) });
  return (
    <table className="columns">
      <caption className="sr">{t("sheet")}</caption>
      <colgroup><col className="c-label" />{columns.map((column) => <col key={column.from} />)}</colgroup>
      <thead className="sr"><tr><td />{columns.map((column) => <th key={column.from} scope="col">{column.label}</th>)}</tr></thead>
      <tbody>
        {ROWS.map((code) => (
          <tr key={code}>
            <th scope="row"><VitalName code={code} /></th>
            {inColumn.map((own, i) => {
              const set = carrier(own, code);
              const vital: VitalCode = code === "bp" ? "sbp" : code;
              const text = set ? (code === "bp" ? writtenPressure(set) : written(valueOf(set, code), words)) : "";
              return <td key={columns[i]?.from} className={set ? loudness(set, vital) : ""}>{set && <button type="button" title={title(set)} onClick={() => open(set.id)}>{text}</button>}</td>;
            })}
          </tr>
        ))}
        <tr>
          <th scope="row">NEWS2</th>
          {inColumn.map((own, i) => {
            const set = newest(own);
            return <td key={columns[i]?.from}>{set && <News2Badge news2={set.news2} words={false} />}</td>;
          })}
        </tr>
        <tr>
          <th scope="row">{t("sign")}</th>
          {inColumn.map((own, i) => {
            const set = newest(own);
            const state = set && signState(set, t);
            return <td key={columns[i]?.from} className="signed">{set && state && <button type="button" className={state.good ? "good" : ""} title={`${title(set)} ${clockTime(set.effectiveAt)}`} onClick={() => open(set.id)}>{state.text}</button>}</td>;
          })}
        </tr>
      </tbody>
    </table>
  );
}
