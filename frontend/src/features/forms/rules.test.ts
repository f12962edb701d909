import { expect, it } from "vitest";
import type { FormValues } from "@/api/form-definition";
import { calculated, gaps, withCalculated } from "./rules";
import { FORM } from "./sample";
import { fieldsOf } from "./typed";

const answer = (name: string, values: Parameters<typeof calculated>[1]) => calculated(fieldsOf(FORM).find((field) => field.name === name)!, values);

it("works out a body mass index when both are there, and rounds it", () => {
  expect(answer("bmi", { "can-nang": 52.5, "chieu-cao": 158 })).toBe(21);
  expect(answer("bmi", { "can-nang": 52.5 })).toBeNull();
  expect(answer("bmi", { "can-nang": 52.5, "chieu-cao": 0 })).toBeNull();
});
it("adds what is there, in fields and in a column", () => {
  expect(answer("glasgow", { mat: 4, loi: 5 })).toBe(9);
  expect(answer("glasgow", { mat: 4 })).toBe(4);
  expect(answer("glasgow", {})).toBeNull();
  expect(answer("tong-dich", { dich: [{ ten: "Ringer", ml: 500 }, { ten: "Glucose" }, { ml: 250 }] })).toBe(750);
});
it("adds up a row before the column that its answer stands in", () => {
  const found = withCalculated(FORM, { dich: [{ ml: 500, them: 0.5 }, {}, { ml: 250 }, { ten: "Glucose" }] });
  expect(found["dich"]).toEqual([{ ml: 500, them: 0.5, cong: 500.5 }, {}, { ml: 250, cong: 250 }, { ten: "Glucose" }]);
  expect(found["tong-cong"]).toBe(750.5);
});
it("counts calendar days in Vietnam, the first one too", () => {
  expect(answer("ngay-dt", { vao: "2026-11-20T16:50:00Z", ra: "2026-11-20T17:10:00Z" })).toBe(2);
  expect(answer("ngay-dt", { vao: "2026-11-20", ra: "2026-11-20" })).toBe(1);
  expect(answer("ngay-dt", { vao: "2026-11-21", ra: "2026-11-20" })).toBeNull();
});
it("lists what a signature waits for, and what only the discharge does", () => {
  const values: FormValues = { dich: [{ ten: "Ringer" }, { ml: 250 }] };
  expect(gaps(FORM, values, "sign").map((gap) => gap.place)).toEqual(["ly-do", "chan-doan", "dich/1/ten"]);
  expect(gaps(FORM, values, "close").map((gap) => gap.place)).toEqual(["ly-do", "ket-qua", "chan-doan", "dich/1/ten"]);
  expect(gaps(FORM, withCalculated(FORM, { "ly-do": "sốt", "chan-doan": { code: "A09" } }), "sign")).toEqual([]);
});
