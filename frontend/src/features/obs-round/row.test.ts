import { describe, expect, it } from "vitest";
import type { Range, RoundRow, VitalCode, VitalSet, VitalValue } from "@/api/types";
import { previewOf } from "@/lib/vitals";
import { compose, covers, currentOf, preview, suggestion, viewCell, type RowDraft } from "./row";

const NOW = Date.parse("2026-11-22T01:00:00Z");
const words = { air: "khí trời", onOxygen: "thở oxy" };
const ranges = new Map<VitalCode, Range>([["pulse", { code: "pulse", unit: "", decimals: 0, hardLow: 10, hardHigh: 300, softLow: 35, softHigh: 180 }]]);
const value = (code: VitalCode, number: number | null, text: string | null = null): VitalValue => ({ code, value: number, text, unit: "", notMeasured: null, provenance: "manual", flag: null, outOfRangeReason: null });
const set = (minutesAgo: number, values: VitalValue[], more: Partial<VitalSet> = {}): VitalSet => ({
  id: "s", encounterId: "e", version: 1, versions: 1, status: "final", source: "manual", device: null, effectiveAt: new Date(NOW - minutesAgo * 60_000).toISOString(), recordedAt: "",
  author: null, values, news2: previewOf(values, { ageYears: 50, pregnant: false }), reason: null, signature: null, mine: true, late: null, ...more,
});
const row = (more: Partial<RoundRow> = {}): RoundRow => ({ bedId: "b", bed: "G01", encounterId: "e", name: "Lê Ngọc Ẩn", ageText: "50t", ageYears: 50, sex: "female", sameName: false, pregnant: false, previous: null, proposed: null, unsigned: [], dueAt: null, ...more });
const draft = (cells: RowDraft["cells"], reasons: RowDraft["reasons"] = {}): RowDraft => ({ cells, reasons, begunAt: "", key: "k" });

describe("a row of the round", () => {
  it("offers air and A, but not after an urgent score, oxygen, or a clouded mind", () => {
    const calm = [value("oxygen", 0), value("acvpu", null, "A")];
    expect(suggestion(row({ previous: set(300, calm) }), "oxygen", words)).toBe("khí trời");
    expect(suggestion(row({ previous: set(300, calm) }), "acvpu", words)).toBe("A");
    expect(suggestion(row({ previous: set(300, [value("oxygen", 1), value("acvpu", null, "A")]) }), "oxygen", words)).toBe("");
    expect(suggestion(row({ previous: set(300, [value("acvpu", null, "V")]) }), "acvpu", words)).toBe("");
    const urgent = set(300, calm, { news2: { total: 5, band: "urgent", single3: false, missing: [], notApplicable: null, parts: [] } });
    expect(suggestion(row({ previous: urgent }), "acvpu", words)).toBe("");
  });
  it("does not save a suggestion that nobody passed with Enter", () => {
    const composed = compose(draft({ pulse: "78" }), null, ranges);
    expect(composed).toEqual({ kind: "values", values: [{ code: "pulse", value: 78 }] });
  });
  it("shows a device's value as proposed until it is accepted", () => {
    const proposed = set(2, [value("pulse", 93)], { status: "preliminary", source: "device" });
    expect(viewCell(row({ proposed }), null, "pulse", ranges, words, NOW)).toMatchObject({ text: "93", origin: "device" });
  });
  it("typed values lie over the device's", () => {
    const proposed = set(2, [value("pulse", 93), value("spo2", 98)]);
    expect(compose(draft({ pulse: "90" }), proposed, ranges)).toEqual({ kind: "values", values: [{ code: "pulse", value: 90 }, { code: "spo2", value: 98 }] });
  });
  it("waits for F8 until the nurse has typed over all that the device measured", () => {
    const proposed = set(2, [value("pulse", 93), value("spo2", 98)]);
    expect(covers(draft({ pulse: "90" }), proposed)).toBe(false);
    expect(covers(draft({ pulse: "90", spo2: "97" }), proposed)).toBe(true);
  });
  it("wants a reason for the implausible, and sends it", () => {
    expect(compose(draft({ pulse: "190" }), null, ranges)).toMatchObject({ kind: "reason", code: "pulse" });
    expect(compose(draft({ pulse: "190" }, { pulse: "rung nhĩ" }), null, ranges)).toEqual({ kind: "values", values: [{ code: "pulse", value: 190, outOfRangeReason: "rung nhĩ" }] });
  });
  it("refuses the whole row while one cell is impossible", () => expect(compose(draft({ pulse: "999", temp: "368" }), null, ranges)).toMatchObject({ kind: "refused", column: "pulse" }));
  it("corrects the unsigned set of this round, not the one of the last", () => {
    expect(currentOf(row({ unsigned: [set(400, []), set(5, [value("pulse", 80)])] }), NOW)?.effectiveAt).toBe(new Date(NOW - 5 * 60_000).toISOString());
    expect(currentOf(row({ unsigned: [set(400, [])] }), NOW)).toBeNull();
  });
  it("scores while typing, once complete", () => {
    const full = draft({ pulse: "78", temp: "368", bp: "120/80", resp: "18", spo2: "97", oxygen: "khí trời", acvpu: "A" });
    expect(preview(row(), full, ranges, NOW)).toMatchObject({ total: 0, band: "none" });
    expect(preview(row(), draft({ pulse: "78" }), ranges, NOW)).toMatchObject({ total: null });
  });
});
