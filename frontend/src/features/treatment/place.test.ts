import { describe, expect, it } from "vitest";
import type { Duty, PersonRef, Session, Treating } from "@/api";
import { onOwnWards } from "@/lib/session";
import { covers, isNamed } from "./place";

const viet: PersonRef = { id: "1", name: "Trần Quốc Việt", role: "doctor" };
const thanh: PersonRef = { id: "2", name: "Đỗ Phương Thanh", role: "doctor" };
const instant = (text: string) => Date.parse(`2026-11-30T${text}:00+07:00`);

describe("a stay outside a doctor's wards", () => {
  it("is theirs to write where they are named, whatever their part", () => {
    const asked: Treating = { mayAssign: false, doctors: [{ user: viet, part: "consult", since: "2026-11-30T01:00:00Z", assignedBy: thanh }] };
    expect([isNamed(asked, viet.id), isNamed(asked, thanh.id), isNamed(undefined, viet.id)]).toEqual([true, false, false]);
  });

  it("is theirs while they cover its ward, and neither before nor after", () => {
    const cover = { id: "9", user: viet, assignedBy: thanh, startsAt: new Date(instant("16:30")).toISOString(), endsAt: new Date(instant("23:00")).toISOString() };
    const duty: Duty = { mayAssign: false, covers: [cover] };
    expect(["16:29", "16:30", "22:59", "23:00"].map((time) => covers(duty, viet.id, instant(time)))).toEqual([false, true, true, false]);
    expect(covers(duty, thanh.id, instant("18:00"))).toBe(false);
  });
});

it("keeps nurses to their wards everywhere, and doctors where the hospital has set it so", () => {
  const kept = (role: string, treatmentScope: boolean) => onOwnWards({ user: { role }, treatmentScope } as Session);
  expect([kept("nurse", false), kept("head-nurse", true), kept("doctor", false), kept("doctor", true), kept("radiologist", true)]).toEqual([true, true, false, true, false]);
});
