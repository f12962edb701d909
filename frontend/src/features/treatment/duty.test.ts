import { describe, expect, it } from "vitest";
import type { DutyCover } from "@/api";
import { hoursOf, isOn, onDuty, span, usualHours } from "./duty";

const at = (text: string) => Date.parse(`${text}:00+07:00`);
const iso = (text: string) => new Date(at(text)).toISOString();
const cover = (name: string, from: string, until: string): DutyCover => {
  const user = { id: name, name, role: "doctor" } as const;
  return { id: `${name} ${from}`, user, startsAt: iso(from), endsAt: iso(until), assignedBy: user };
};

describe("hours on duty", () => {
  it("are offered from now until the next morning at seven, also over the new year", () => {
    expect(usualHours(at("2026-11-30T16:30"))).toEqual({ from: "16:30 30/11/2026", until: "07:00 01/12/2026" });
    expect(usualHours(at("2026-12-31T08:05"))).toEqual({ from: "08:05 31/12/2026", until: "07:00 01/01/2027" });
  });

  it("end this morning for whoever is entered in the middle of the night", () => {
    expect(usualHours(at("2026-12-01T01:15")).until).toBe("07:00 01/12/2026");
    expect(usualHours(at("2026-12-01T06:50")).until).toBe("07:00 02/12/2026");
  });

  it("are taken as they were offered", () => {
    const now = at("2026-11-30T16:30") + 42_000;
    const { from, until } = usualHours(now);
    expect(hoursOf(from, until, now)).toEqual({ startsAt: iso("2026-11-30T16:30"), endsAt: iso("2026-12-01T07:00") });
  });

  it("are read from hours alone, each the first that comes", () => {
    const now = at("2026-11-30T16:30");
    expect(hoursOf("17:00", "7:00", now)).toEqual({ startsAt: iso("2026-11-30T17:00"), endsAt: iso("2026-12-01T07:00") });
    expect(hoursOf("7h00", "17:00", now)).toEqual({ startsAt: iso("2026-12-01T07:00"), endsAt: iso("2026-12-01T17:00") });
    expect(hoursOf("16:30", "16:30 01/12", now)).toEqual({ startsAt: iso("2026-11-30T16:30"), endsAt: iso("2026-12-01T16:30") });
  });

  it("are refused with what is wrong with them", () => {
    const now = at("2026-11-30T16:30");
    const start = "16:30 30/11/2026";
    expect(hoursOf("", "07:00", now)).toBe("timeWrong");
    expect(hoursOf(start, "sáng mai", now)).toBe("timeWrong");
    expect(hoursOf(start, "16:00 30/11/2026", now)).toBe("backwards");
    expect(hoursOf("06:00 30/11/2026", "16:00 30/11/2026", now)).toBe("over");
    expect(hoursOf(start, "04:30 02/12/2026", now)).toMatchObject({ endsAt: iso("2026-12-02T04:30") });
    expect(hoursOf(start, "04:31 02/12/2026", now)).toBe("tooLong");
  });

  it("name on the board who covers the ward now, and nobody who will or did", () => {
    const night = cover("Trần Quốc Việt", "2026-11-30T16:30", "2026-12-01T07:00");
    const tomorrow = cover("Đỗ Phương Thanh", "2026-12-01T07:00", "2026-12-01T16:30");
    expect(onDuty([night, tomorrow], at("2026-11-30T16:29"))).toBeNull();
    expect(onDuty([night, tomorrow], at("2026-11-30T23:00"))).toEqual({ name: "Trần Quốc Việt", more: 0 });
    expect(onDuty([night, tomorrow], at("2026-12-01T07:00"))).toEqual({ name: "Đỗ Phương Thanh", more: 0 });
    expect(onDuty([night, cover("Lê Hải", "2026-11-30T18:00", "2026-12-01T07:00")], at("2026-11-30T23:00"))).toEqual({ name: "Trần Quốc Việt", more: 1 });
    expect([isOn(night, at("2026-11-30T16:30")), isOn(night, at("2026-12-01T07:00"))]).toEqual([true, false]);
  });

  it("say their day once where both ends are on it", () => {
    expect(span(cover("", "2026-12-01T07:00", "2026-12-01T16:30"))).toBe("07:00 – 16:30 01/12/2026");
    expect(span(cover("", "2026-11-30T16:30", "2026-12-01T07:00"))).toBe("16:30 30/11/2026 – 07:00 01/12/2026");
  });
});
