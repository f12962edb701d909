// Where a name is drawn. The lines are an SVG of the points that are sent: what is seen is what is kept.
import { useRef, type PointerEvent } from "react";
import { isFull, PAD, pathOf, pointAt, type Point } from "./strokes";
import { useText } from "./text";

interface Props { strokes: readonly Point[][]; change: (next: (was: readonly Point[][]) => readonly Point[][]) => void }

export function Pad({ strokes, change }: Props) {
  const t = useText();
  const began = useRef<number | null>(null);
  const down = useRef<number | null>(null);
  const add = (event: PointerEvent<SVGSVGElement>, fresh: boolean) => {
    const box = event.currentTarget.getBoundingClientRect();
    // The first touch is the beginning of time.
    began.current = strokes.length === 0 && fresh ? event.timeStamp : (began.current ?? event.timeStamp);
    const start = began.current;
    const told = fresh ? [event.nativeEvent] : event.nativeEvent.getCoalescedEvents?.() ?? [];
    const all = told.length > 0 ? told : [event.nativeEvent];
    const touches = all.map((one) => ({ x: (one.clientX - box.left) / box.width, y: (one.clientY - box.top) / box.height, ms: one.timeStamp - start, pressure: one.pressure }));
    change((was) => {
      if (isFull(was)) return was;
      const line = fresh ? [] : [...(was[was.length - 1] ?? [])];
      let last = line[line.length - 1] ?? was[was.length - 1]?.at(-1);
      for (const touch of touches) {
        last = pointAt(touch, touch.ms, touch.pressure, last);
        line.push(last);
      }
      return fresh ? [...was, line] : [...was.slice(0, -1), line];
    });
  };
  const begin = (event: PointerEvent<SVGSVGElement>) => {
    // A second finger waits for the first, but not for one whose end was never told.
    const held = down.current !== null && event.currentTarget.hasPointerCapture(down.current);
    if (held || event.button !== 0) return;
    down.current = event.pointerId;
    event.currentTarget.setPointerCapture(event.pointerId);
    add(event, true);
  };
  const go = (event: PointerEvent<SVGSVGElement>) => down.current === event.pointerId && add(event, false);
  const end = (event: PointerEvent<SVGSVGElement>) => down.current === event.pointerId && (down.current = null);
  return (
    <div className="pad">
      <svg viewBox={`0 0 ${PAD.width} ${PAD.height}`} role="img" aria-label={t("pad")} data-pad onPointerDown={begin} onPointerMove={go} onPointerUp={end} onPointerCancel={end}>
        <line x1="60" y1={PAD.height - 60} x2={PAD.width - 60} y2={PAD.height - 60} className="padline" />
        <path d={pathOf(strokes)} className="ink" />
      </svg>
      {strokes.length === 0 && <p className="padhint" aria-hidden="true">{t("padHint")}</p>}
    </div>
  );
}
