import { describe, expect, it } from "vitest";
import { archivePart, PARTS } from "./archive-parts";

describe("the archive", () => {
  it("opens with what waits, and at each part's own address", () => {
    expect([undefined, "nowhere"].map(archivePart)).toEqual(["waiting", "waiting"]);
    expect(PARTS.map(archivePart)).toEqual([...PARTS]);
  });
});
