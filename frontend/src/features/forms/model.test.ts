import { expect, it } from "vitest";
import type { DocumentRef, FormEntry, FormRef } from "@/api/types";
import { choiceOf, leavesOf, mySlot, whyNot } from "./model";

const ref = (code: string, number: string, title: string, more: Partial<FormRef> = {}): FormRef => ({ code, number, title, kind: "sheet", version: 1, legalAct: "", ready: true, once: false, leaves: false, mayFill: true, ...more });
const FORMS = [
  ref("giay-ra-vien", "", "Giấy ra viện", { leaves: true }),
  ref("benh-an-ngoai-khoa", "09/BV1", "Bệnh án ngoại khoa", { kind: "record", ready: false }),
  ref("benh-an-noi-khoa", "01/BV1", "Bệnh án nội khoa", { kind: "record" }),
  ref("to-dieu-tri", "36/BV2", "Tờ điều trị"),
  ref("nhan-dinh-ban-dau", "15/BV2", "Phiếu nhận định ban đầu", { mayFill: false }),
  ref("theo-doi-chuc-nang-song", "", "Phiếu theo dõi chức năng sống", { kind: "drawn" }),
];
const entry = (id: string, more: Partial<FormEntry> = {}): FormEntry => ({
  id, encounterId: "e", formCode: "to-dieu-tri", formVersion: 1, number: "36/BV2", title: "Tờ điều trị", kind: "sheet", leaves: false, version: 1, versions: 1, state: "draft", effectiveAt: "2026-11-28T01:00:00Z", recordedAt: "2026-11-28T01:00:00Z",
  author: { id: "u", name: "Trần Quốc Việt", role: "doctor" }, mine: true, slots: [], reason: null, pdfUrl: null, late: null, ...more,
});
const codes = (text: string) => choiceOf(FORMS, text).map(({ group, forms }) => [group, ...forms.map((form) => form.code)]);

it("offers records first, what can be opened before what cannot, and never what the program draws", () => {
  expect(codes("")).toEqual([["record", "benh-an-noi-khoa", "benh-an-ngoai-khoa"], ["sheet", "to-dieu-tri", "nhan-dinh-ban-dau"], ["leaves", "giay-ra-vien"]]);
  expect(FORMS.map(whyNot)).toEqual([null, "notReady", null, null, "notMine", null]);
});
it("finds a form without accents, by any of its words or its number", () => {
  expect(codes("noi khoa")).toEqual([["record", "benh-an-noi-khoa"]]);
  expect(codes("36/bv")).toEqual([["sheet", "to-dieu-tri"]]);
  expect(codes("dieu TRI")).toEqual([["sheet", "to-dieu-tri"]]);
  expect(codes("không có")).toEqual([]);
});
it("lays the record out as on paper: newest first, withdrawn last, drawn sheets once", () => {
  const drawn: DocumentRef = { id: "v1", encounterId: "e", formCode: "theo-doi-chuc-nang-song", title: "Phiếu theo dõi chức năng sống", version: 3, versions: 3, createdAt: "2026-11-28T02:00:00Z", author: entry("x").author, state: "signed", signatures: [], pdfUrl: null };
  const entries = [entry("s1"), entry("s2", { effectiveAt: "2026-11-28T03:00:00Z", state: "withdrawn" }), entry("s3", { effectiveAt: "2026-11-28T02:00:00Z" }), entry("g1", { formCode: "giay-ra-vien", leaves: true }), entry("r1", { kind: "record" })];
  const groups = leavesOf(entries, [drawn, { ...drawn, id: "s1" }]);
  expect([...groups].map(([group, leaves]) => [group, ...leaves.map((leaf) => leaf.id)])).toEqual([["record", "r1"], ["sheet", "s3", "s1", "s2"], ["leaves", "g1"], ["drawn", "v1"]]);
});
it("knows which slot waits for me, and that a withdrawn sheet waits for nobody", () => {
  const slot = { name: "khoa", label: "Trưởng khoa", who: "staff" as const, needed: "close" as const, signature: null, maySign: true, patient: null, mayWitness: false, seals: [] };
  expect(mySlot(entry("a", { slots: [{ ...slot, maySign: false }, slot] }))?.name).toBe("khoa");
  expect(mySlot(entry("a", { slots: [slot], state: "withdrawn" }))).toBeUndefined();
});
