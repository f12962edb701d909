import { describe, expect, it } from "vitest";
import type { VitalSet } from "@/api/types";
import { columnsOf, heightOfPulse, heightOfTemp, newest, pulseAt, scaleOf } from "./model";

const set = (id: string, status: VitalSet["status"], values: [string, number][] = []) => ({ id, status, effectiveAt: "2026-11-22T01:00:00Z", values: values.map(([code, value]) => ({ code, value })) }) as unknown as VitalSet;
const now = Date.parse("2026-11-22T01:42:00Z");

describe("the vital-sign chart", () => {
  it("has a column a day for a week, in the days of Vietnam, ending today", () => {
    const columns = columnsOf("days7", now, now);
    expect(columns.map((column) => column.label)).toEqual(["16/11", "17/11", "18/11", "19/11", "20/11", "21/11", "22/11"]);
    expect(new Date(columns[6]?.from ?? 0).toISOString()).toBe("2026-11-21T17:00:00.000Z");
  });
  it("has six four-hour columns for a day, the last holding now", () => {
    const columns = columnsOf("hours24", now, now);
    expect(columns.map((column) => column.label)).toEqual(["12:00", "16:00", "20:00", "00:00", "04:00", "08:00"]);
  });
  it("groups days when a stay is long", () => expect(columnsOf("stay", now, now - 60 * 86_400_000).length).toBeLessThanOrEqual(14));
  it("keeps paper's scale: 37 degrees lies level with 80 beats", () => {
    const scale = scaleOf([]);
    expect(scale).toEqual({ tempLow: 35, steps: 6 });
    expect(heightOfTemp(scale, 37)).toBeCloseTo(heightOfPulse(scale, 80));
    expect(pulseAt(scale, 6)).toBe(160);
  });
  it("stretches for a pulse that paper would lose", () => expect(scaleOf([set("a", "final", [["pulse", 188]])]).steps).toBe(8));
  it("shows a waiting device set only where nothing charted is", () => {
    expect(newest([set("a", "final"), set("b", "preliminary")])?.id).toBe("a");
    expect(newest([set("b", "preliminary"), set("c", "rejected")])?.id).toBe("b");
  });
});
