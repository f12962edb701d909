import { describe, expect, it } from "vitest";
import type { Range, VitalCode } from "@/api/types";
import { read, tidy, type Column } from "./vital-cell";

const range = (code: VitalCode, hardLow: number, hardHigh: number, softLow: number, softHigh: number): [VitalCode, Range] => [code, { code, unit: "", decimals: 0, hardLow, hardHigh, softLow, softHigh }];
const ranges = new Map([range("pulse", 10, 300, 35, 180), range("temp", 25, 45, 34, 41.5), range("sbp", 30, 300, 70, 230), range("dbp", 10, 200, 35, 130), range("spo2", 30, 100, 75, 100), range("pain", 0, 10, 0, 10)]);
const words = { air: "khí trời", onOxygen: "thở oxy" };
const values = (column: Column, typed: string) => {
  const reading = read(column, typed, ranges);
  return reading.kind === "ok" || reading.kind === "half" ? reading.values : reading;
};

describe("a cell reads what a nurse types on the run", () => {
  it.each([["368", 36.8], ["36,8", 36.8], ["36.8", 36.8], ["37", 37], ["405", 40.5]])("temperature %s", (typed, value) => {
    expect(values("temp", typed)).toEqual([{ code: "temp", value }]);
  });
  it.each(["120/80", "120 80", "120-80", "120.80"])("blood pressure %s", (typed) => {
    expect(values("bp", typed)).toEqual([{ code: "sbp", value: 120 }, { code: "dbp", value: 80 }]);
  });
  it("waits for the diastolic after the systolic alone", () => expect(read("bp", "120", ranges).kind).toBe("half"));
  it("refuses a diastolic above the systolic", () => expect(read("bp", "80/120", ranges)).toMatchObject({ kind: "refused", why: "pressure-order" }));
  it("refuses the impossible and asks about the implausible", () => {
    expect(read("pulse", "782", ranges)).toMatchObject({ kind: "refused", why: "hard" });
    expect(read("pulse", "190", ranges)).toMatchObject({ kind: "ok", soft: ["pulse"] });
    expect(read("temp", "3", ranges)).toMatchObject({ kind: "refused" });
  });
  it.each([["T", "refused"], ["n", "asleep"], ["v", "absent"]])("not measured %s", (typed, notMeasured) => {
    expect(values("pulse", typed)).toEqual([{ code: "pulse", notMeasured }]);
    expect(values("bp", typed)).toEqual([{ code: "sbp", notMeasured }, { code: "dbp", notMeasured }]);
  });
  it("keeps V for «voice» in the ACVPU column", () => expect(values("acvpu", "v")).toEqual([{ code: "acvpu", text: "V" }]));
  it.each([["0", 0, undefined], ["k", 0, undefined], ["o", 1, undefined], ["3", 1, "oxy 3 l/ph"], ["1,5", 1, "oxy 1,5 l/ph"]])("oxygen %s", (typed, value, text) => {
    expect(values("oxygen", typed)).toEqual([{ code: "oxygen", value, ...(text && { text }) }]);
  });
  it("is not fooled by letters in a number", () => expect(read("pulse", "7o", ranges)).toMatchObject({ kind: "refused", why: "format" }));
  it("tidies", () => {
    expect(tidy("temp", read("temp", "368", ranges), words, "368")).toBe("36,8");
    expect(tidy("bp", read("bp", "120 80", ranges), words, "120 80")).toBe("120/80");
    expect(tidy("bp", read("bp", "120", ranges), words, "120")).toBe("120/");
    expect(tidy("oxygen", read("oxygen", "0", ranges), words, "0")).toBe("khí trời");
    expect(tidy("pulse", read("pulse", "t", ranges), words, "t")).toBe("T");
  });
});
