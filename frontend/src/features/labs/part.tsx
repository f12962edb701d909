import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, send, type Encounter, type Result } from "@/api";
import { useChartText } from "@/i18n/chart";
import { clockTime, dayMonth } from "@/lib/time";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import { cumulative, FLAG_MARK, toneOf } from "./model";
import "@/ui/table.css";
import "./labs.css";

export function ResultsPart({ encounter }: { encounter: Encounter }) {
  const t = useChartText();
  const cache = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const found = useQuery({ queryKey: keys.chart(encounter.id, "results"), queryFn: ({ signal }) => get<Result[]>(`/encounters/${encounter.id}/results`, signal) });
  const unseen = found.data?.filter((result) => !result.seen) ?? [];
  const fresh = unseen.length;
  const seen = () => {
    // What stands on this screen, and no value that came meanwhile.
    send("POST", `/encounters/${encounter.id}/results/seen`, { ids: unseen.map((result) => result.id), versions: unseen.map((result) => result.version) }).then(() => cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) }), setError);
  };
  if (found.isPending) return <section className="card"><Loading /></section>;
  if (found.isError) return <section className="card"><Failure title={t("partFailed")} error={found.error} retry={() => void found.refetch()} /></section>;
  const { times, tests } = cumulative(found.data);
  return (
    <section className="card labs">
      <h2>{t("results")}<span className="grow" /><Refusal error={error} />{fresh > 0 && <button type="button" className="btn small p" onClick={seen}>{t("markSeen", { n: fresh })}</button>}</h2>
      {tests.length === 0 ? <Empty title={t("resultsEmpty")} /> : (
        // Scrolls both ways, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="labscroll" tabIndex={0} role="region" aria-label={t("results")}>
          <table className="grid">
            <thead>
              <tr><th scope="col" className="stick">{t("test")}</th>{times.map((time) => <th key={time} scope="col" className="num">{dayMonth(time)}<br />{clockTime(time)}</th>)}<th scope="col" className="num">{t("range")}</th></tr>
            </thead>
            <tbody>
              {tests.map((test) => (
                <tr key={test.code}>
                  <th scope="row" className="stick">{test.name} <small>{test.unit}</small></th>
                  {times.map((time) => {
                    const result = test.cells.get(time);
                    return (
                      <td key={time} className={`num ${result ? toneOf(result) : ""}`}>
                        {result && (
                          <span title={[result.device, result.releasedBy?.name].filter(Boolean).join(" · ")}>
                            {!result.seen && <span className="tag new">{t("newResult")}</span>} {result.critical && <span className="tag crit">{t("critical")}</span>} <b>{result.value}</b>{result.flag && <> {FLAG_MARK[result.flag]}<span className="sr"> {result.flag}</span></>}
                            {result.status !== "final" && <small> {t(result.status === "corrected" ? "corrected" : "preliminary")}</small>}
                          </span>
                        )}
                      </td>
                    );
                  })}
                  <td className="num"><small>{test.range}</small></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
