import { describe, expect, it } from "vitest";
import { leftOf, minutesLeft } from "./time-left";

const until = "2026-12-07T10:00:00Z";
const at = (time: string) => leftOf(minutesLeft(until, Date.parse(time)));

describe("what is left of the time to read", () => {
  it("is told in days, then in hours, then in minutes", () => {
    expect(at("2026-11-30T10:00:00Z")).toEqual({ state: "open", amount: 7, unit: "day" });
    expect(at("2026-12-06T09:00:00Z")).toEqual({ state: "open", amount: 25, unit: "hour" });
    expect(at("2026-12-07T09:15:30Z")).toEqual({ state: "soon", amount: 44, unit: "minute" });
  });

  it("is said louder in the last day, and over from the very moment on", () => {
    expect(["2026-12-06T10:00:00Z", "2026-12-06T10:01:00Z", "2026-12-07T10:00:00Z", "2026-12-07T10:00:01Z"].map((time) => at(time).state)).toEqual(["open", "soon", "soon", "over"]);
  });
});
