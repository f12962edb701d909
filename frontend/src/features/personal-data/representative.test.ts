import { describe, expect, it } from "vitest";
import { gapOf, nobodyYet, sent } from "./representative";

const mother = { name: " Lê Thị Mẹ ", relation: "parent", ground: "minor", idPaper: "citizen-card", idNumber: "0331 8800 1234" };

describe("who answers", () => {
  it("is chosen by nobody beforehand for an adult", () => {
    expect(gapOf(nobodyYet("patient"), "patient")).toBe("needWho");
    expect(gapOf({ ...nobodyYet("patient"), self: true }, "patient")).toBeNull();
  });
  it("is the representative alone for a small child, and both later", () => {
    expect(gapOf(nobodyYet("representative"), "representative")).toBe("needRepresentative");
    expect(gapOf({ ...nobodyYet("representative"), representative: mother }, "representative")).toBeNull();
    expect(gapOf({ ...nobodyYet("both"), representative: mother }, "both")).toBe("needChild");
    expect(gapOf({ self: true, other: true, representative: mother }, "both")).toBeNull();
  });
  it("is sent with a clean name and number, or not at all", () => {
    expect(sent({ self: false, other: true, representative: mother })).toMatchObject({ name: "Lê Thị Mẹ", idNumber: "033188001234" });
    expect(sent({ self: true, other: false, representative: mother })).toBeNull();
  });
});
