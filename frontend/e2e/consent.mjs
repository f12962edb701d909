// A consent to an operation as the doctor leaves it for the patient, and its print for ink, through the API: the screens of
// both have tests of their own.
import { ask, occupants } from "./hospital.mjs";

/** Somebody on the ward who signs for themselves. */
export async function adult(page) {
  for (const one of await occupants(page)) {
    const stay = await ask(page, `/encounters/${one.encounterId}`);
    if (stay.patient.ageYears >= 18) return stay;
  }
  throw new Error("no adult lies on the ward");
}

/** Opened, filled and signed by the doctor. */
export function explained(page, stay, pin) {
  return page.evaluate(async ({ stay, pin }) => {
    const { csrf } = await (await fetch("/api/v1/auth/session")).json();
    const post = async (path, body) => {
      const answer = await fetch(`/api/v1${path}`, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "Idempotency-Key": crypto.randomUUID() }, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
      return answer.json();
    };
    const opened = await post(`/encounters/${stay}/forms`, { formCode: "cam-ket-phau-thuat", effectiveAt: new Date().toISOString() });
    const values = { ...opened.values, diagnosis: { text: "Viêm ruột thừa cấp" }, method: "Cắt ruột thừa nội soi", anaesthesia: "Gây mê nội khí quản", benefit: "Lấy bỏ ổ viêm, tránh vỡ ruột thừa", risk: "Chảy máu, nhiễm khuẩn vết mổ, tai biến gây mê", agreed: "yes" };
    const saved = await post(`/filled-forms/${opened.entry.id}/save`, { version: opened.entry.version, values });
    const signed = await post(`/filled-forms/${opened.entry.id}/sign`, { version: saved.entry.version, slot: "author", pin });
    return signed.entry;
  }, { stay, pin });
}

/** The bytes of the PDF that is printed for ink. */
export function printed(page, sheet, { version, slot }) {
  return page.evaluate(async ({ sheet, version, slot }) => {
    const { csrf } = await (await fetch("/api/v1/auth/session")).json();
    const answer = await fetch(`/api/v1/filled-forms/${sheet}/paper`, { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf }, body: JSON.stringify({ version, slot }) });
    return [...new Uint8Array(await answer.arrayBuffer())];
  }, { sheet, version, slot });
}
