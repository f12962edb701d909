import { describe, expect, it } from "vitest";
import { ByteCache } from "./cache";
import { instanceOf, stackOf, type Dataset } from "./dicom-json";
import { firstPart } from "./multipart";
import { decode, lookup, paint, standardWindow } from "./pixels";

const tag = (...values: unknown[]) => ({ Value: values });
const dataset = (number: number, more: Dataset = {}): Dataset => ({
  "00080018": tag(`1.2.${number}`), "00200013": tag(number), "00280010": tag(2), "00280011": tag(2), "00280002": tag(1), "00280004": tag("MONOCHROME2"),
  "00280100": tag(16), "00280101": tag(16), "00280103": tag(1), "00281052": tag("-1024"), "00281053": tag("1"), "00281050": tag(40), "00281051": tag(400), ...more,
});
const bytes = (text: string) => new TextEncoder().encode(text);

describe("images", () => {
  it("stacks by instance number, frames in order", () => {
    const stack = stackOf([dataset(2), dataset(1, { "00280008": tag(3) })]);
    expect(stack.map(({ instance, frame }) => `${instance.uid}/${frame}`)).toEqual(["1.2.1/1", "1.2.1/2", "1.2.1/3", "1.2.2/1"]);
  });
  it("leaves colour to the server", () => expect(instanceOf(dataset(1, { "00280004": tag("RGB"), "00280002": tag(3) }))?.grey).toBeNull());
  it("finds the pixels in a multipart answer, and takes a plain answer whole", () => {
    const body = bytes("--x\r\nContent-Type: application/octet-stream\r\n\r\nPIXELS\r\n--x--\r\n");
    const part = firstPart('multipart/related; type="application/octet-stream"; boundary=x', body);
    expect(new TextDecoder().decode(part?.bytes)).toBe("PIXELS");
    expect(firstPart("application/octet-stream", bytes("PIXELS"))?.bytes).toEqual(bytes("PIXELS"));
    expect(firstPart("multipart/related; boundary=x", bytes("nothing here"))).toBeNull();
  });
  it("windows signed 16-bit values from an odd offset", () => {
    const instance = instanceOf(dataset(1));
    if (!instance) throw new Error("unreadable");
    const body = new Uint8Array(9);
    new DataView(body.buffer).setInt16(1, 1024 - 160, true);
    new DataView(body.buffer).setInt16(3, 1024 + 40, true);
    new DataView(body.buffer).setInt16(5, 1024 + 240, true);
    new DataView(body.buffer).setInt16(7, 1024 + 2000, true);
    const frame = decode(instance, body.subarray(1));
    if (!frame) throw new Error("undecodable");
    const out = new Uint32Array(4);
    paint(frame, lookup(instance, frame, standardWindow(instance, frame), false), out);
    expect([...out].map((word) => word & 255)).toEqual([0, 128, 255, 255]);
    paint(frame, lookup(instance, frame, standardWindow(instance, frame), true), out);
    expect((out[0] ?? 0) & 255).toBe(255);
  });
  it("refuses a frame that is too short", () => {
    const instance = instanceOf(dataset(1));
    expect(instance && decode(instance, new Uint8Array(5))).toBeNull();
  });
  it("forgets the least recently used frame when memory is spent", () => {
    const gone: string[] = [];
    const cache = new ByteCache<string>(100, (value) => gone.push(value));
    cache.put("a", "A", 60);
    cache.put("b", "B", 40);
    cache.get("a");
    cache.put("c", "C", 40);
    expect(gone).toEqual(["B"]);
    expect(cache.bytes).toBe(100);
  });
});
