import { describe, expect, it } from "vitest";
import type { FormField } from "@/api/form-definition";
import { FORM } from "./sample";
import { blankRow, fieldsOf, isBlank, readCell, readForm, tidy, typedForm, typedOf, withoutBlankRows, type Typed } from "./typed";

const NOW = Date.parse("2026-11-28T15:00:00Z"); // 22:00 in Vietnam
const of = (name: string): FormField => fieldsOf(FORM).find((field) => field.name === name) as FormField;
const read = (name: string, typed: Typed) => readCell(of(name), typed, NOW);

describe("what is typed becomes what is on record", () => {
  it.each([
    ["nhiet-do", "36,8", 36.8], ["nhiet-do", "368", 36.8], ["nhiet-do", "37.25", 37.3], ["can-nang", " 52,5 ", 52.5], ["bilan", "-200", -200], ["bilan", "−200", -200],
    ["mat", "4", 4], ["ly-do", "  Khó thở ", "Khó thở"], ["ket-qua", "khoi", "khoi"], ["sinh", "12/03/1970", "1970-03-12"], ["sinh", "12031970", "1970-03-12"],
    ["vao", "08:05 21/11/2026", "2026-11-21T01:05:00.000Z"], ["vao", "21/11/2026 08:05", "2026-11-21T01:05:00.000Z"], ["vao", "8h05", "2026-11-28T01:05:00.000Z"], ["tai-bien", true, true],
  ])("%s: %s", (name, typed, value) => expect(read(name, typed)).toEqual({ value }));
  it("takes a blood pressure with whatever stands between", () => {
    for (const text of ["120/80", "120 80", "120.80", "120-80"]) expect(read("huyet-ap", text)).toEqual({ value: { systolic: 120, diastolic: 80 } });
  });
  it("writes the code of a diagnosis in capitals and leaves out what is empty", () => {
    expect(read("chan-doan", { text: " Viêm phổi ", code: "j18.1" })).toEqual({ value: { text: "Viêm phổi", code: "J18.1" } });
    expect(read("chan-doan", { text: "", code: "A09" })).toEqual({ value: { code: "A09" } });
    expect(read("chan-doan", { text: " ", code: "" })).toEqual({});
  });
  it("composes letters that a Telex keyboard sent in pieces", () => expect(read("ly-do", "Khó thở".normalize("NFD"))).toEqual({ value: "Khó thở" }));
});

describe("what cannot be read is told, never guessed", () => {
  it.each([
    ["nhiet-do", "bốn mươi", "number"], ["nhiet-do", "50", "range"], ["mat", "2,5", "whole"], ["mat", "5", "range"], ["huyet-ap", "120", "pressure"], ["huyet-ap", "80/120", "pressure"],
    ["sinh", "31/02/2026", "date"], ["vao", "25:00 21/11/2026", "instant"], ["ly-do", "x".repeat(301), "long"],
  ])("%s: %s", (name, typed, wrong) => expect(read(name, typed).told?.wrong).toBe(wrong));
  it("names the bounds with a comma", () => expect(read("can-nang", "0,1").told).toEqual({ wrong: "range", values: { low: "0,2", high: "400" } }));
  it("asks for the shape of an ICD-10 code", () => expect(read("chan-doan", { text: "x", code: "J1" }).told?.wrong).toBe("icd10"));
});

it("shows a record as it reads on paper, and reads it back unchanged", () => {
  const values = { "ly-do": "Khó thở", "nhiet-do": 36.8, "chieu-cao": 158, "huyet-ap": { systolic: 120, diastolic: 80 }, "ket-qua": "do", co: ["b"], "tai-bien": true as const, sinh: "1970-03-12", vao: "2026-11-21T01:05:00.000Z", "chan-doan": { text: "Viêm phổi", code: "J18.1" }, dich: [{ ten: "Ringer", ml: 500 }] };
  const typed = typedForm(FORM, values);
  expect(typed["nhiet-do"]).toBe("36,8");
  expect(typed["huyet-ap"]).toBe("120/80");
  expect(typed["sinh"]).toBe("12/03/1970");
  expect(typed["vao"]).toBe("08:05 21/11/2026");
  expect(typed["bmi"]).toBeUndefined();
  expect(readForm(FORM, typed, NOW)).toEqual({ values, told: new Map() });
});
it("names the row and column of what is wrong in a table, and drops blank rows before they are counted by the server", () => {
  const blank = { ten: "", ml: "", them: "", xong: false };
  const typed = { dich: [blank, { ten: "Ringer", ml: "nửa lít", xong: false }] };
  expect(blankRow(of("dich"))).toEqual(blank);
  expect([...readForm(FORM, typed, NOW).told.keys()]).toEqual(["dich/1/ml"]);
  expect(withoutBlankRows(FORM, typed)["dich"]).toEqual([{ ten: "Ringer", ml: "nửa lít", xong: false }]);
  expect(readForm(FORM, { dich: [blank] }, NOW).values).toEqual({});
});
it("neither shows nor sends what is worked out in a row", () => {
  const typed = typedForm(FORM, { dich: [{ ml: 500, them: 0.5, cong: 500.5 }] });
  expect(typed["dich"]).toEqual([{ ten: "", ml: "500", them: "0,5", xong: false }]);
  expect(readForm(FORM, { dich: [{ ml: "500", cong: "7" }] }, NOW).values).toEqual({ dich: [{ ml: 500 }] });
});
it("tidies a field that is left, and leaves alone what it cannot read", () => {
  expect(tidy(of("nhiet-do"), "368", NOW)).toBe("36,8");
  expect(tidy(of("huyet-ap"), "120 80", NOW)).toBe("120/80");
  expect(tidy(of("sinh"), "12031970", NOW)).toBe("12/03/1970");
  expect(tidy(of("sinh"), "31/02/2026", NOW)).toBe("31/02/2026");
  expect(tidy(of("benh-su"), "  thụt đầu dòng", NOW)).toBe("  thụt đầu dòng");
});
it("knows blank from said", () => {
  expect([undefined, "", "  ", false, [], { text: "", code: " " }, [{ a: "" }]].map(isBlank)).toEqual(Array.from({ length: 7 }, () => true));
  expect([true, "0", ["a"], { text: "", code: "A09" }, [{ a: "x" }]].some(isBlank)).toBe(false);
  expect(typedOf(of("mat"), 0)).toBe("0");
});
