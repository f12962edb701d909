// Ward board: every bed of the ward at a glance, live. Arrow keys walk the cards, Enter opens the chart.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Link } from "wouter";
import { get, keys, type WardBoard } from "@/api";
import { now, useAtTime } from "@/lib/clock";
import { charts, useSession } from "@/lib/session";
import { useWard } from "@/lib/ward";
import { Empty, Failure, Loading } from "@/ui/status";
import { BedCard } from "./bed-card";
import "./board.css";
import { counts, FILTERS, neighbour, passes, type Filter } from "./model";
import { useText } from "./text";

function columnsOf(grid: HTMLElement): number {
  return getComputedStyle(grid).gridTemplateColumns.split(" ").length;
}

/** `actions` stand in the bar, `above` over the beds. */
export function WardBoardPage({ actions, above }: { actions: ReactNode; above: ReactNode }) {
  const t = useText();
  const ward = useWard();
  const { role } = useSession().session.user;
  const [filter, setFilter] = useState<Filter>("all");
  const grid = useRef<HTMLDivElement>(null);
  const board = useQuery({ queryKey: keys.board(ward.id), queryFn: ({ signal }) => get<WardBoard>(`/wards/${ward.id}/board`, signal) });
  // Counts of what is overdue move with the minute.
  useAtTime(useCallback((at: number) => Math.floor(at / 15_000), []));

  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const cards = [...event.currentTarget.querySelectorAll<HTMLElement>("a[data-card]")];
    const index = cards.findIndex((card) => card === document.activeElement);
    const next = index < 0 ? null : neighbour(index, event.key, columnsOf(event.currentTarget), cards.length);
    if (next === null) return;
    event.preventDefault();
    cards[next]?.focus();
  };

  if (board.isPending) return <Loading />;
  if (board.isError) return <Failure title={t("failed")} error={board.error} retry={() => void board.refetch()} />;
  const at = now();
  const beds = board.data.beds;
  const count = counts(beds, at);
  const visible = filter === "all" ? beds : beds.filter((bed) => bed.occupants.some((one) => passes(filter, one, at)));
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>
        <div className="row" role="group" aria-label={t("filters")}>
          {FILTERS.map((one) => (
            <button key={one} type="button" className="chip" aria-pressed={filter === one} onClick={() => setFilter(one)}>
              {t(one)}<b>{count[one]}</b>
            </button>
          ))}
        </div>
        <span className="grow" />
        {actions}
        {charts(role) && <Link className="btn" href="/round">{t("enterVitals")} <kbd>F2</kbd></Link>}
      </div>
      {above}
      {beds.length === 0 && <Empty title={t("noBeds")} />}
      {beds.length > 0 && visible.length === 0 && <Empty title={t("none")} />}
      {/* The cards are links; arrow keys are a shortcut over Tab, which works as well. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="beds" ref={grid} onKeyDown={walk}>
        {visible.map((bed) => <BedCard key={bed.bedId} bed={bed} />)}
      </div>
    </>
  );
}
