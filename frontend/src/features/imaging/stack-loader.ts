// Frames of one series: fetched around the one in view, held within 256 MB. Where pixels cannot be had as numbers (colour,
// a transfer syntax that only the server renders), its rendered picture stands in.
import { ByteCache } from "./cache";
import { stackOf, type Dataset, type Instance } from "./dicom-json";
import { firstPart } from "./multipart";
import { decode, type Frame } from "./pixels";

export type Loaded = { kind: "pixels"; frame: Frame } | { kind: "picture"; picture: ImageBitmap } | { kind: "failed"; why: string };
export interface Place { instance: Instance; frame: number }
const LIMIT = 256 * 1024 * 1024;
const AHEAD = 4;

export class StackLoader {
  private cache = new ByteCache<Loaded>(LIMIT, (loaded) => loaded.kind === "picture" && loaded.picture.close());
  private running = new Map<string, Promise<void>>();
  private end = new AbortController();
  stack: Place[] = [];

  constructor(private readonly base: string, private readonly arrived: () => void) {}

  async open(): Promise<void> {
    const response = await fetch(`${this.base}/metadata`, { headers: { Accept: "application/dicom+json" }, credentials: "same-origin", signal: this.end.signal });
    if (!response.ok) throw new Error(String(response.status));
    this.stack = stackOf((await response.json()) as Dataset[]);
  }
  close(): void {
    this.end.abort();
    this.cache.clear();
  }
  get(index: number): Loaded | undefined {
    return this.cache.get(String(index));
  }
  /** Asks for the frame in view and the next ones in the direction of scrolling. */
  want(index: number, direction: 1 | -1): void {
    for (let step = 0; step <= AHEAD; step++) {
      const at = index + step * direction;
      const place = this.stack[at];
      const key = String(at);
      if (!place || this.cache.get(key) || this.running.has(key)) continue;
      const work = this.load(place).then(
        (loaded) => this.cache.put(key, loaded, loaded.kind === "pixels" ? loaded.frame.pixels.byteLength : loaded.kind === "picture" ? loaded.picture.width * loaded.picture.height * 4 : 1),
        (error: unknown) => !this.end.signal.aborted && this.cache.put(key, { kind: "failed", why: error instanceof Error ? error.message : String(error) }, 1),
      );
      this.running.set(key, work.then(() => {
        this.running.delete(key);
        if (!this.end.signal.aborted) this.arrived();
      }));
    }
  }
  private async load({ instance, frame }: Place): Promise<Loaded> {
    const whole = `${this.base}/instances/${instance.uid}`;
    const address = `${whole}/frames/${frame}`;
    const signal = this.end.signal;
    if (instance.grey) {
      const response = await fetch(address, { headers: { Accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1, application/octet-stream' }, credentials: "same-origin", signal });
      if (response.ok) {
        const part = firstPart(response.headers.get("content-type") ?? "", new Uint8Array(await response.arrayBuffer()));
        const decoded = part && /octet-stream/.test(part.type) ? decode(instance, part.bytes) : null;
        if (decoded) return { kind: "pixels", frame: decoded };
      }
    }
    const rendered = await fetch(instance.frames > 1 ? `${address}/rendered` : `${whole}/rendered`, { headers: { Accept: "image/jpeg, image/png" }, credentials: "same-origin", signal });
    if (!rendered.ok) return { kind: "failed", why: String(rendered.status) };
    return { kind: "picture", picture: await createImageBitmap(await rendered.blob()) };
  }
}
