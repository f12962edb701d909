import { expect, it } from "vitest";
import type { Result } from "@/api/types";
import { cumulative, toneOf } from "./model";

const result = (code: string, effectiveAt: string, version: number, value: string, more: Partial<Result> = {}) => ({ code, name: code, unit: "", referenceRange: "", effectiveAt, version, value, flag: null, critical: false, ...more }) as Result;

it("puts the newest collection first and the newest version in the cell", () => {
  const { times, tests } = cumulative([result("K", "2026-11-21T00:00:00Z", 1, "4,1"), result("K", "2026-11-22T00:00:00Z", 1, "6,9"), result("K", "2026-11-22T00:00:00Z", 2, "6,4")]);
  expect(times).toEqual(["2026-11-22T00:00:00Z", "2026-11-21T00:00:00Z"]);
  expect(tests[0]?.cells.get("2026-11-22T00:00:00Z")?.value).toBe("6,4");
});
it("is loud for a critical value and quiet for a normal one", () => {
  expect(toneOf(result("K", "", 1, "", { flag: "HH" }))).toBe("cr");
  expect(toneOf(result("K", "", 1, "", { flag: "L" }))).toBe("hi");
  expect(toneOf(result("K", "", 1, ""))).toBe("");
});
