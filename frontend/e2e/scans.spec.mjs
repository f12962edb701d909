// A sheet is printed, signed with ink and scanned; the scan is dropped and finds its sheet by itself, and the witness links it.
// A page that says nothing waits on the list of those that nobody has placed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { adult, explained, printed } from "./consent.mjs";
import { ask, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `${name}.png`) });
const press = (page, words) => page.locator("button", { hasText: words }).last().click();

/** A sheet that waits for the patient's ink, and its print. */
async function onPaper(page, stay, pin) {
  const { id, version, slots } = await explained(page, stay, pin);
  return { sheet: id, bytes: await printed(page, id, { version, slot: slots.find((one) => one.mayWitness).name }) };
}

test("a scan that is dropped finds its sheet, and is linked by the witness alone", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const doctor = await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = await adult(page);
  const { sheet, bytes } = await onPaper(page, someone.id, doctor.pin);
  const folder = mkdtempSync(join(tmpdir(), "scans-"));
  writeFileSync(join(folder, "print.pdf"), Buffer.from(bytes));
  execFileSync("pdftoppm", ["-r", "150", "-gray", "-jpeg", "print.pdf", "scan"], { cwd: folder });
  const pages = execFileSync("ls", [folder], { encoding: "utf8" }).split("\n").filter((name) => name.endsWith(".jpg"));

  const paper = { name: "to-1.jpg", mimeType: "image/jpeg", buffer: readFileSync(join(folder, pages[0])) };

  await visit(page, "/scans", ".scandrop");
  assert.deepEqual(await violations(page), [], "nothing has come");
  await page.setInputFiles("[name=scans]", [paper, { name: "nhap.txt", mimeType: "text/plain", buffer: Buffer.from("x") }]);
  await page.locator(".scanfiles .tag.good", { hasText: "đã về phiếu" }).waitFor();
  await page.locator(".scanfiles .tag.bad", { hasText: "không phải JPEG" }).waitFor();
  await page.locator(".picklist", { hasText: someone.patient.name }).waitFor();
  await shot(page, "scans-ready");
  assert.deepEqual(await violations(page), [], "it waits for its witness");

  await press(page, "Xem và xác nhận");
  await page.waitForSelector("[role=dialog] [name=keptAt]");
  await press(page, "Tiếp tục");
  await page.waitForSelector("[role=dialog] .wrong");
  await page.fill("[name=keptAt]", "Kho A, hộp 12");
  await shot(page, "scans-look");
  assert.deepEqual(await violations(page), [], "scan beside sheet");
  await press(page, "Tiếp tục");
  await page.waitForSelector("[role=dialog] [name=signer]");
  await press(page, "Tiếp tục");
  await page.waitForSelector("[role=dialog] [name=pin]");
  await page.keyboard.type(doctor.pin);
  await page.keyboard.press("Enter");
  await page.locator("[role=status]", { hasText: "Đã gắn vào hồ sơ" }).waitFor();
  const signed = await ask(page, `/filled-forms/${sheet}`);
  assert.equal(signed.entry.slots.find((slot) => slot.patient)?.patient.keptAt, "Kho A, hộp 12");

  // The same file once more, and a page with nothing on it.
  const blank = await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 400, height: 560 });
    canvas.getContext("2d").fillText("khong ma", 40, 80);
    return [...new Uint8Array(await (await new Promise((done) => canvas.toBlob(done))).arrayBuffer())];
  });
  await page.setInputFiles("[name=scans]", [paper, { name: "khong-ma.png", mimeType: "image/png", buffer: Buffer.from(blank) }]);
  await page.locator(".scanfiles .tag.warn", { hasText: "đã có từ trước" }).waitFor();
  await press(page, "Bản quét chưa ghép");
  await page.locator(".picklist", { hasText: "Chưa biết của phiếu nào" }).waitFor();
  await page.locator("h2", { hasText: "Bản quét này của phiếu nào?" }).waitFor();
  await shot(page, "scans-unmatched");
  assert.deepEqual(await violations(page), [], "it waits for somebody");
  // A code that no print has finds nothing; the one on the paper finds its sheet, and goes with it to the witness.
  const other = await onPaper(page, someone.id, doctor.pin);
  writeFileSync(join(folder, "other.pdf"), Buffer.from(other.bytes));
  const words = execFileSync("pdftotext", [join(folder, "other.pdf"), "-"], { encoding: "utf8" }).replace(/\s+/g, " ");
  const code = /Mã đối chiếu ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(words)[1];
  await page.fill("[name=code]", "0000-0000");
  await press(page, "Tìm");
  await page.getByText("Không có bản in nào mang mã này.").waitFor();
  await page.fill("[name=code]", code);
  await press(page, "Tìm");
  await page.locator(".scanprint button").click();
  await page.waitForSelector("[role=dialog] [name=paperCode]");
  assert.equal(await page.inputValue("[name=paperCode]"), code);
  assert.deepEqual(await violations(page), [], "the code that was typed");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });

  await press(page, "Để riêng");
  await page.fill("[role=dialog] [name=reason]", "Giấy nháp");
  await page.locator("[role=dialog] button[type=submit]").click();
  await page.locator("[role=status]", { hasText: "Đã để riêng" }).waitFor();
  await context.close();
  assert.deepEqual(faults, []);
});
