import { describe, expect, it } from "vitest";
import { ApiError, type KeptRecord } from "@/api";
import { allOf, refusedOf, stillPicked, toggle, toggleAll } from "./choice";

const record = (encounterId: string, mustStay: string | null = null): KeptRecord => ({
  encounterId, mustStay, number: `26.${encounterId}`, archiveNumber: `26-LT${encounterId}`, patientName: "Nguyễn Văn Hết", patientCode: "BN", ward: { id: "w", code: "NOI", name: "Khoa Nội" },
  dischargedAt: null, closedAt: null, archivedAt: null, class: { code: "ordinary", name: "Nội trú, ngoại trú" }, keptUntil: "2025-12-31", keptForever: false, holds: 0, disposal: "over", disposalText: null,
});
const page = [record("1"), record("2", "Đang bị giữ"), record("3")];

describe("records for a list", () => {
  it("are picked all at once, save those that must stay, and let go all at once", () => {
    const all = toggleAll(page, new Set());
    expect([...all]).toEqual(["1", "3"]);
    expect(allOf(page, all)).toBe("all");
    expect(toggleAll(page, all).size).toBe(0);
    const one = toggle(all, "3");
    expect(allOf(page, one)).toBe("some");
    expect([...toggleAll(page, one)]).toEqual(["1", "3"]);
  });

  it("are none where every one must stay", () => {
    expect(allOf([record("2", "Đang bị giữ")], new Set())).toBe("none");
    expect(allOf([], new Set())).toBe("none");
  });

  it("are dropped when a hold came after they were picked", () => {
    const held = [record("1", "Đang bị giữ"), record("3")];
    expect(stillPicked(held, new Set(["1", "3"])).map((one) => one.encounterId)).toEqual(["3"]);
  });

  it("are named with their reason when the server refuses them", () => {
    const problem = { type: "about:blank", title: "conflict", status: 409, code: "must-be-kept", detail: "1 hồ sơ chưa được tiêu hủy", fields: { 3: "Đã có trong danh mục 27-TH000001" } };
    expect(refusedOf(new ApiError(problem), page)).toEqual([{ encounterId: "3", number: "26-LT3", why: "Đã có trong danh mục 27-TH000001" }]);
    expect(refusedOf(new ApiError({ ...problem, code: "invalid" }), page)).toEqual([]);
    expect(refusedOf(new Error("?"), page)).toEqual([]);
  });
});
