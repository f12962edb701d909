// Pulse ● red and temperature ✕ blue on paper's double scale. A picture: the columns under it and the table hold the
// figures for those who cannot see it. Lines and marks are one path each, so thousands of points stay cheap.
import { useLayoutEffect, useRef, useState, type PointerEvent } from "react";
import type { VitalSet } from "@/api";
import { useChartText } from "@/i18n/chart";
import { figure } from "@/lib/number";
import { dateTime } from "@/lib/time";
import { numberOf } from "@/lib/vitals";
import { charted, heightOfPulse, heightOfTemp, pulseAt, scaleOf, type Column } from "./model";

export const LABEL_WIDTH = 92;
const TOP = 14;
const BOTTOM = 24;

interface Point { x: number; y: number }
const line = (points: readonly Point[]) => points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
const dots = (points: readonly Point[], r: number) => points.map(({ x, y }) => `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`).join("");
const crosses = (points: readonly Point[], r: number) => points.map(({ x, y }) => `M${(x - r).toFixed(1)} ${(y - r).toFixed(1)}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`).join("");

export function Curve({ sets, columns, open }: { sets: readonly VitalSet[]; columns: readonly Column[]; open: (id: string) => void }) {
  const t = useChartText();
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 940, height: 300 });
  const [near, setNear] = useState<VitalSet | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(([entry]) => entry && setSize({ width: entry.contentRect.width, height: entry.contentRect.height }));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const { width, height } = size;
  const start = columns[0]?.from ?? 0;
  const end = columns.at(-1)?.to ?? 1;
  const scale = scaleOf(sets);
  const x = (at: number) => LABEL_WIDTH + ((at - start) / (end - start)) * (width - LABEL_WIDTH);
  const y = (part: number) => height - BOTTOM - part * (height - BOTTOM - TOP);
  const points = (code: "pulse" | "temp", of: readonly VitalSet[]): Point[] => of.flatMap((set) => {
    const value = numberOf(set, code);
    return value === null ? [] : [{ x: x(Date.parse(set.effectiveAt)), y: y(code === "pulse" ? heightOfPulse(scale, value) : heightOfTemp(scale, value)) }];
  });
  const filed = sets.filter(charted);
  const waiting = sets.filter((set) => !charted(set));
  const pulses = points("pulse", filed);
  const temps = points("temp", filed);

  const point = (event: PointerEvent) => {
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left;
    let best: VitalSet | null = null;
    let distance = 18;
    for (const set of sets) {
      const away = Math.abs(x(Date.parse(set.effectiveAt)) - left);
      if (away < distance) [best, distance] = [set, away];
    }
    setNear(best);
  };
  const nearX = near ? x(Date.parse(near.effectiveAt)) : 0;
  const pulse = numberOf(near, "pulse");
  const temp = numberOf(near, "temp");
  return (
    <div className="curve" ref={box}>
      {/* Clicking near a point is a shortcut; the same sets open from the buttons in the columns below. */}
      { }
      <svg width={width} height={height} role="img" aria-label={t("chartAlt")} onPointerMove={point} onPointerLeave={() => setNear(null)} onClick={() => near && open(near.id)}>
        {Array.from({ length: scale.steps + 1 }, (_, i) => (
          <g key={i}>
            <line x1={LABEL_WIDTH} x2={width} y1={y(i / scale.steps)} y2={y(i / scale.steps)} stroke="var(--line)" />
            <text className="temp" x={LABEL_WIDTH - 44} y={y(i / scale.steps) + 4} textAnchor="end">{scale.tempLow + i}°</text>
            <text className="pulse" x={LABEL_WIDTH - 9} y={y(i / scale.steps) + 4} textAnchor="end">{pulseAt(scale, i)}</text>
          </g>
        ))}
        {columns.map((column) => (
          <g key={column.from}>
            <line x1={x(column.from)} x2={x(column.from)} y1={TOP} y2={height} stroke="var(--line)" />
            <text x={x(column.from) + 5} y={height - 7}>{column.label}{column.halves && ` ${t("morning")}`}</text>
            {column.halves && <text x={x(column.to) - 6} y={height - 7} textAnchor="end">{t("afternoon")}</text>}
          </g>
        ))}
        <line x1={LABEL_WIDTH} x2={width} y1={y(heightOfTemp(scale, 37))} y2={y(heightOfTemp(scale, 37))} stroke="var(--temp)" strokeWidth="1.5" strokeDasharray="4 4" opacity="0.5" />
        <path d={line(temps)} fill="none" stroke="var(--temp)" strokeWidth="2" strokeLinejoin="round" />
        <path d={line(pulses)} fill="none" stroke="var(--pulse)" strokeWidth="2" strokeLinejoin="round" />
        <path d={dots(pulses, 3.6)} fill="var(--pulse)" />
        <path d={crosses(temps, 3.5)} stroke="var(--temp)" strokeWidth="2" fill="none" />
        <path d={dots(points("pulse", waiting), 3.6)} fill="var(--panel)" stroke="var(--pulse)" strokeWidth="1.5" strokeDasharray="2 1.500" />
        {near && <line x1={nearX} x2={nearX} y1={TOP} y2={height - BOTTOM} stroke="var(--line-strong)" />}
      </svg>
      {near && (
        <p className="near" style={{ left: Math.min(Math.max(nearX - 70, LABEL_WIDTH), width - 150) }} aria-hidden="true">
          <b>{dateTime(near.effectiveAt)}</b> {pulse !== null && <span className="pulse">● {pulse}</span>} {temp !== null && <span className="temp">✕ {figure(temp, 1)}</span>}
        </p>
      )}
    </div>
  );
}
