// Stored pixel values and their way through a window to 8-bit grey. Pure.
import type { Instance, Window } from "./dicom-json";

export type Stored = Uint8Array | Int8Array | Uint16Array | Int16Array;
export interface Frame { pixels: Stored; low: number; high: number }

/** Little-endian pixels as the server sends them; null when the length is not that of one frame. */
export function decode(instance: Instance, bytes: Uint8Array): Frame | null {
  const { grey, rows, columns } = instance;
  if (!grey) return null;
  const count = rows * columns;
  if (bytes.length < count * (grey.bitsAllocated / 8)) return null;
  // A part of a multipart body starts anywhere; 16-bit views must start on an even byte.
  const own = bytes.slice(0, count * (grey.bitsAllocated / 8));
  const pixels = grey.bitsAllocated === 8 ? (grey.signed ? new Int8Array(own.buffer) : own) : grey.signed ? new Int16Array(own.buffer) : new Uint16Array(own.buffer);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of pixels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { pixels, low, high };
}

export function standardWindow(instance: Instance, frame: Frame): Window {
  if (instance.window) return instance.window;
  const { slope, intercept } = instance.grey ?? { slope: 1, intercept: 0 };
  const [a, b] = [frame.low * slope + intercept, frame.high * slope + intercept];
  return { centre: (a + b) / 2, width: Math.max(1, Math.abs(b - a)) };
}

/** Grey for every stored value between the frame's lowest and highest, by the linear function of PS3.3 C.11.2.1.2. */
export function lookup(instance: Instance, frame: Frame, { centre, width }: Window, inverted: boolean): Uint8ClampedArray {
  const { slope, intercept } = instance.grey ?? { slope: 1, intercept: 0 };
  const flip = inverted !== (instance.grey?.inverted ?? false);
  const table = new Uint8ClampedArray(frame.high - frame.low + 1);
  const span = Math.max(1, width - 1);
  for (let i = 0; i < table.length; i++) {
    const value = (frame.low + i) * slope + intercept;
    const part = Math.min(1, Math.max(0, (value - (centre - 0.5)) / span + 0.5));
    table[i] = Math.round(255 * (flip ? 1 - part : part));
  }
  return table;
}

/** Writes the frame as opaque grey into `out` (RGBA words). */
export function paint(frame: Frame, table: Uint8ClampedArray, out: Uint32Array): void {
  const { pixels, low } = frame;
  for (let i = 0; i < pixels.length; i++) {
    const grey = table[(pixels[i] ?? low) - low] ?? 0;
    out[i] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
  }
}
