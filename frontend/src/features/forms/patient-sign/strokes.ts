// What a pen, a finger or a mouse leaves on the pad: strokes of [x, y, milliseconds, pressure] in tenths of the pad's
// units and thousandths of full pressure, as the server takes them. The bounds are the server's.
export type Point = [x: number, y: number, ms: number, pressure: number];
export interface Drawing { width: number; height: number; strokes: Point[][] }

/** The pad, whatever its size on the glass. */
export const PAD = { width: 1000, height: 300 } as const;
const MOST_POINTS = 8000;
const MOST_STROKES = 200;
const FEWEST_POINTS = 6;
const LEAST_INK = 0.08;

export const asDrawing = (strokes: readonly (readonly Point[])[]): Drawing => ({ width: PAD.width * 10, height: PAD.height * 10, strokes: strokes.map((stroke) => stroke.map((point): Point => [...point])) });

const within = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most));
/** A touch at a share of the pad's width and height; time never runs back. */
export function pointAt(share: { x: number; y: number }, ms: number, pressure: number, last: Point | undefined): Point {
  return [within(share.x * PAD.width * 10, PAD.width * 10), within(share.y * PAD.height * 10, PAD.height * 10), Math.max(within(ms, 599_000), last?.[2] ?? 0), within(pressure * 1000, 1000)];
}

const count = (strokes: readonly (readonly Point[])[]) => strokes.reduce((sum, stroke) => sum + stroke.length, 0);
export const isFull = (strokes: readonly (readonly Point[])[]) => count(strokes) >= MOST_POINTS || strokes.length >= MOST_STROKES;
const ink = (stroke: readonly Point[]) => stroke.slice(1).reduce((sum, [x, y], at) => sum + Math.hypot(x - (stroke[at]?.[0] ?? x), y - (stroke[at]?.[1] ?? y)), 0);

export type Fault = "drawFirst" | "tooShort" | "full" | null;
/** Why it is no signature yet. */
export function faultOf(strokes: readonly (readonly Point[])[]): Fault {
  if (count(strokes) === 0) return "drawFirst";
  if (isFull(strokes)) return "full";
  const long = strokes.reduce((sum, stroke) => sum + ink(stroke), 0) >= PAD.width * 10 * LEAST_INK;
  return count(strokes) < FEWEST_POINTS || !long ? "tooShort" : null;
}

/** The lines as an SVG path in the pad's units. */
export const pathOf = (strokes: readonly (readonly Point[])[]) => strokes.map((stroke) => stroke.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x / 10} ${y / 10}`).join("") + (stroke.length === 1 ? "h1" : "")).join("");
