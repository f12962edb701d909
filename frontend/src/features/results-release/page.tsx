// Results that wait for the laboratory's yes. Nothing reaches a chart before it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, send, type Result } from "@/api";
import { useSession } from "@/lib/session";
import { dateTime } from "@/lib/time";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { useText } from "./text";

export function ResultsReleasePage() {
  const t = useText();
  const { role } = useSession().session.user;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<unknown>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.unreleased, queryFn: ({ signal }) => get<Result[]>("/results/unreleased", signal), refetchInterval: 30_000 });
  const results = found.data ?? [];
  const picked = results.filter((result) => chosen.has(result.id));
  const criticals = picked.filter((result) => result.critical).length;
  const may = role === "lab-technician";
  const release = () => {
    setError(null);
    send<Result[]>("POST", "/results/release", { ids: picked.map((result) => result.id) }).then((released) => {
      setChosen(new Set());
      setSaid(t("released", { n: released.length }));
      void found.refetch();
    }, setError);
  };
  const toggle = (id: string, on: boolean) => setChosen((was) => new Set(on ? [...was, id] : [...was].filter((one) => one !== id)));
  return (
    <>
      <div className="bar">
        <h1>{t("resultsTitle")}</h1>
        <span role="status" className="muted">{said}</span>
        <span className="grow" />
        {criticals > 0 && <span className="tag bad">{t("criticalAsk", { n: criticals })}</span>}
        {may && <button type="button" className="btn p" aria-disabled={picked.length === 0} onClick={() => picked.length > 0 && release()}>{t("release", { n: picked.length })}</button>}
      </div>
      <Refusal error={error} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && results.length === 0 && <Empty title={t("resultsEmpty")} />}
      {results.length > 0 && (
        <div className="card tablecard">
          <table className="grid">
            <thead>
              <tr>
                {may && <th><input type="checkbox" aria-label={t("chooseAll")} checked={picked.length === results.length} onChange={(event) => setChosen(new Set(event.target.checked ? results.map((result) => result.id) : []))} /></th>}
                <th scope="col">{t("patient")}</th><th scope="col">{t("barcode")}</th><th scope="col">{t("test")}</th><th scope="col" className="num">{t("value")}</th><th scope="col" className="num">{t("range")}</th><th scope="col">{t("device")}</th><th scope="col">{t("at")}</th>
              </tr>
            </thead>
            <tbody>
              {results.map((result) => (
                <tr key={result.id}>
                  {may && <td><input type="checkbox" aria-label={t("choose", { name: `${result.barcode ?? ""} ${result.name}` })} checked={chosen.has(result.id)} onChange={(event) => toggle(result.id, event.target.checked)} /></td>}
                  <td>{result.bed && <b>{result.bed} </b>}{result.patientName} <small>{result.patientCode}</small></td><td>{result.barcode}</td><td><b>{result.name}</b> {result.code !== result.name && <small>{result.code}</small>}</td>
                  <td className={`num ${result.critical ? "cr" : result.flag ? "hi" : ""}`}>{result.critical && <span className="tag crit">{t("critical")}</span>} <b>{result.value}</b> <small>{result.unit}</small> {result.flag}</td>
                  <td className="num"><small>{result.referenceRange}</small></td><td><small>{result.device}</small></td><td><small>{dateTime(result.effectiveAt)}</small></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
