// Every set of the period as a table: the curve's twin for screen readers and for looking a figure up.
import type { VitalCode, VitalSet } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { dateTime } from "@/lib/time";
import { loudness, valueOf, written, writtenPressure } from "@/lib/vitals";
import { LateTag } from "@/ui/late-tag";
import { News2Badge } from "@/ui/news2-badge";
import { Empty } from "@/ui/status";
import { VitalName } from "@/ui/vital-name";
import { signState } from "./columns";

const CODES = ["pulse", "temp", "bp", "resp", "spo2", "oxygen", "acvpu", "pain", "weight"] as const;

export function SetTable({ sets, open }: { sets: readonly VitalSet[]; open: (id: string) => void }) {
  const t = useChartText();
  const common = useCommon();
  const words = { air: common("air"), onOxygen: common("onOxygen") };
  if (sets.length === 0) return <Empty title={t("noVitals")} />;
  return (
    // Scrolls, so it must take the keyboard's focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="settable" tabIndex={0} role="region" aria-label={t("table")}>
      <table className="grid">
        <thead><tr><th scope="col">{t("when")}</th>{CODES.map((code) => <th key={code} scope="col" className="num"><VitalName code={code} /></th>)}<th scope="col">NEWS2</th><th scope="col">{t("by")}</th><th scope="col">{t("sign")}</th></tr></thead>
        <tbody>
          {[...sets].reverse().map((set) => {
            const gone = set.status === "rejected" || set.status === "entered-in-error";
            return (
              <tr key={set.id} className={gone ? "struck" : undefined}>
                <td><button type="button" className="btn quiet" onClick={() => open(set.id)}>{dateTime(set.effectiveAt)}</button> <LateTag late={set.late} /></td>
                {CODES.map((code) => <td key={code} className={`num ${gone ? "" : loudness(set, (code === "bp" ? "sbp" : code) as VitalCode)}`}>{code === "bp" ? writtenPressure(set) : written(valueOf(set, code), words)}</td>)}
                <td><News2Badge news2={set.news2} words={false} /></td>
                <td><small>{set.author?.name ?? set.device}</small>{set.status === "amended" && <span className="tag warn">{t("version", { n: set.version })}</span>}</td>
                <td><small>{gone ? t("rejected") : signState(set, t).text}</small></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
