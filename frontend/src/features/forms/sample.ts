// A form for the tests of this folder: one field of every kind.
import type { FormDefinition, FormField } from "@/api/form-definition";

const field = (name: string, kind: FormField["kind"], more: Partial<FormField> = {}): FormField => ({ name, label: name, kind, needed: "never", width: "full", ...more });

export const FORM: FormDefinition = {
  code: "benh-an-mau", number: "00/BV1", title: "Bệnh án mẫu", title_en: "", version: 1, legal_act: "", valid_from: "2024-01-01", kind: "record", once: true, leaves: false,
  signing: { unit: "sheet", authors: ["doctor"], slots: [{ name: "bac-si", label: "Bác sĩ làm bệnh án", who: "staff", needed: "sign" }] },
  sections: [
    {
      name: "kham", label: "Khám", hint: "", fields: [
        field("ly-do", "line", { needed: "sign" }),
        field("benh-su", "text"),
        field("nhiet-do", "quantity", { unit: "Cel", decimals: 1, low: 30, high: 45 }),
        field("can-nang", "quantity", { unit: "kg", decimals: 1, low: 0.2, high: 400 }),
        field("chieu-cao", "quantity", { unit: "cm", decimals: 0, low: 20, high: 250 }),
        field("bmi", "quantity", { decimals: 1, calculation: { "body-mass-index": { weight: "can-nang", height: "chieu-cao" } } }),
        field("huyet-ap", "blood-pressure"),
        field("mat", "score", { low: 1, high: 4 }),
        field("loi", "score", { low: 1, high: 5 }),
        field("glasgow", "score", { calculation: { sum: ["mat", "loi"] } }),
        field("bilan", "quantity", { low: -9000, high: 9000, decimals: 0 }),
      ],
    },
    {
      name: "ra-vien", label: "Ra viện", hint: "", fields: [
        field("ket-qua", "choice", { options: [{ code: "khoi", label: "Khỏi" }, { code: "do", label: "Đỡ" }], needed: "close" }),
        field("co", "choices", { options: [{ code: "a", label: "A" }, { code: "b", label: "B" }] }),
        field("tai-bien", "check"),
        field("sinh", "date"),
        field("vao", "instant"),
        field("ra", "instant"),
        field("ngay-dt", "score", { calculation: { days: { from: "vao", to: "ra" } } }),
        field("chan-doan", "diagnosis", { needed: "sign" }),
        field("dich", "table", { columns: [field("ten", "line", { needed: "sign" }), field("ml", "quantity", { decimals: 0 }), field("them", "quantity", { decimals: 1 }), field("xong", "check"), field("cong", "quantity", { decimals: 1, calculation: { sum: ["ml", "them"] } })] }),
        field("tong-dich", "quantity", { calculation: { "column-sum": { table: "dich", column: "ml" } } }),
        field("tong-cong", "quantity", { decimals: 1, calculation: { "column-sum": { table: "dich", column: "cong" } } }),
      ],
    },
  ],
};
