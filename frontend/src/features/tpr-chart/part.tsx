// Vitals part of a chart: curve with its columns as on paper, or the table of all sets.
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { get, keys, query, type Encounter, type VitalSet } from "@/api";
import { useChartText } from "@/i18n/chart";
import { now } from "@/lib/clock";
import { Empty, Failure, Loading } from "@/ui/status";
import { Columns } from "./columns";
import { Curve } from "./curve";
import { columnsOf, visible, within, type Period } from "./model";
import { SetDialog } from "./set-dialog";
import { SetTable } from "./set-table";
import "@/ui/table.css";
import "./tpr.css";

const PERIODS: readonly Period[] = ["hours24", "days7", "stay"];

export function VitalsPart({ encounter }: { encounter: Encounter }) {
  const t = useChartText();
  const [period, setPeriod] = useState<Period>("days7");
  const [table, setTable] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const columns = useMemo(() => columnsOf(period, now(), Date.parse(encounter.admittedAt)), [period, encounter.admittedAt]);
  const from = new Date(columns[0]?.from ?? 0).toISOString();
  const found = useQuery({
    queryKey: [...keys.chart(encounter.id, "vitals"), from],
    queryFn: ({ signal }) => get<VitalSet[]>(`/encounters/${encounter.id}/vitals${query({ from })}`, signal),
    placeholderData: (before) => before,
  });
  const all = found.data ?? [];
  const sets = within(all, { from: columns[0]?.from ?? 0, to: Number.POSITIVE_INFINITY });
  const shown = sets.filter(visible);
  const open = all.find((set) => set.id === openId);
  return (
    <section className="card tpr">
      <h2>
        {t("sheet")}
        <span className="grow" />
        {!table && <span className="legend"><span className="pulse">● {t("pulseMark")}</span> <span className="temp">✕ {t("tempMark")}</span></span>}
        <span className="segments" role="group" aria-label={t("period")}>
          {PERIODS.map((one) => <button key={one} type="button" aria-pressed={period === one} onClick={() => setPeriod(one)}>{t(one)}</button>)}
        </span>
        <button type="button" className="btn small" aria-pressed={table} onClick={() => setTable(!table)}>{t(table ? "curve" : "table")}</button>
      </h2>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("partFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && shown.length === 0 && !table && <Empty title={t("noVitals")} />}
      {found.isSuccess && table && <SetTable sets={sets} open={setOpenId} />}
      {found.isSuccess && !table && shown.length > 0 && (
        <>
          <Curve sets={shown} columns={columns} open={setOpenId} />
          <Columns sets={shown} columns={columns} open={setOpenId} />
        </>
      )}
      {open && <SetDialog set={open} encounter={encounter} onClose={() => setOpenId(null)} />}
    </section>
  );
}
