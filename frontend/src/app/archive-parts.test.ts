import { describe, expect, it } from "vitest";
import { archivePart, partsOf } from "./archive-parts";

describe("the archive", () => {
  it("shows a doctor the lists and nothing else, whatever the address says", () => {
    expect(partsOf("doctor")).toEqual(["lists"]);
    expect([undefined, "due", "lists", "nowhere"].map((asked) => archivePart("doctor", asked))).toEqual(["lists", "lists", "lists", "lists"]);
  });
  it("opens for the record room with what waits, and at each part's own address", () => {
    expect(archivePart("record-room", undefined)).toBe("waiting");
    expect(partsOf("auditor").map((part) => archivePart("auditor", part))).toEqual(partsOf("auditor"));
  });
});
