import { describe, expect, it } from "vitest";
import { secondsLeft } from "./idle";
import { birthDate, clockTime, dayKey, parseClock, parseDate, parseDateTime, untilDue } from "./time";

const now = Date.parse("2026-11-22T01:42:00Z");

describe("times are Vietnam's, whatever the PC believes", () => {
  it("shows 24 hours in +07:00", () => {
    expect(clockTime("2026-11-22T01:42:00Z")).toBe("08:42");
    expect(dayKey("2026-11-21T17:00:00Z")).toBe("2026-11-22");
  });
  it.each([["8:05", "2026-11-22T01:05:00.000Z"], ["0805", "2026-11-22T01:05:00.000Z"], ["8h5", "2026-11-22T01:05:00.000Z"], ["23:50", "2026-11-21T16:50:00.000Z"]])("reads %s as the latest such time", (typed, instant) => {
    expect(parseClock(typed, now)).toBe(instant);
  });
  it.each(["25:00", "8:61", "tám giờ", ""])("refuses %s", (typed) => expect(parseClock(typed, now)).toBeNull());
  it("reads a time with its day", () => expect(parseDateTime("8:05 21/11", now)).toBe("2026-11-21T01:05:00.000Z"));
  it("reads dates as they are written here, and refuses days that never were", () => {
    expect(parseDate("12/03/1970")).toBe("1970-03-12");
    expect(parseDate("12031970")).toBe("1970-03-12");
    expect(parseDate("31/02/2020")).toBeNull();
    expect(birthDate("1970-03-12")).toBe("12/03/1970");
    expect(birthDate("19700312")).toBe("12/03/1970");
    expect(birthDate("1970")).toBe("1970");
  });
  it("counts a due time in minutes, then hours, then days", () => {
    expect(untilDue("2026-11-22T02:02:00Z", now)).toEqual({ late: false, amount: 20, unit: "minute" });
    expect(untilDue("2026-11-22T01:31:00Z", now)).toEqual({ late: true, amount: 11, unit: "minute" });
    expect(untilDue("2026-11-22T06:42:00Z", now)).toEqual({ late: false, amount: 5, unit: "hour" });
  });
  it("locks when the idle time is over, not before", () => {
    expect(secondsLeft(100_000, 0, 120)).toBe(20);
    expect(secondsLeft(120_000, 0, 120)).toBe(0);
  });
});
