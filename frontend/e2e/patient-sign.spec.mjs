// A doctor explains a consent and signs it; the patient reads and signs on a tablet; the doctor confirms with the PIN.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { adult, explained, printed } from "./consent.mjs";
import { ask, BASE, login, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `${name}.png`) });

/** A name, drawn in two strokes. */
async function draw(page, touch) {
  const box = await page.locator("[data-pad]").boundingBox();
  const at = (share, wave) => ({ x: box.x + box.width * share, y: box.y + box.height * (0.5 + 0.3 * Math.sin(wave)) });
  const lines = [[0.15, 0.45], [0.5, 0.8]];
  const session = touch && (await page.context().newCDPSession(page));
  for (const [from, to] of lines) {
    const points = Array.from({ length: 40 }, (_, n) => at(from + ((to - from) * n) / 39, n / 3));
    if (touch) {
      await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [points[0]] });
      for (const point of points.slice(1)) await session.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [point] });
      await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    } else {
      await page.mouse.move(points[0].x, points[0].y);
      await page.mouse.down();
      for (const point of points.slice(1)) await page.mouse.move(point.x, point.y);
      await page.mouse.up();
    }
  }
  if (session) await session.detach();
}

const press = (page, words) => page.locator("button", { hasText: words }).last().click();

async function signs({ touch, name, representative = false }) {
  const { page, context, faults } = touch
    ? await (async () => {
      const context = await browser.newContext({ viewport: { width: 1180, height: 820 }, hasTouch: true, ignoreHTTPSErrors: true, bypassCSP: true });
      const page = await context.newPage();
      page.setDefaultTimeout(180_000);
      const faults = [];
      page.on("pageerror", (error) => faults.push(error.message));
      return { page, context, faults };
    })()
    : await terminal(browser, { audit: true });
  const doctor = await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = await adult(page);
  const { id: sheet } = await explained(page, someone.id, doctor.pin);
  await visit(page, `/chart/${someone.id}/forms/${sheet}`, ".formsheet .sheetside");
  await page.locator(".sheetside .tag", { hasText: "người bệnh chưa ký" }).waitFor();
  await press(page, "Đưa người bệnh ký");
  await page.waitForSelector("[role=dialog] [name=signer]");
  assert.deepEqual(await violations(page), [], "who signs");
  if (representative) {
    await page.locator("[name=signer]").nth(1).check();
    await press(page, "Đưa máy cho người ký");
    await page.waitForSelector("[role=dialog] .wrong");
    await page.fill("[name=name]", "Trần Thị Con Gái");
    await page.selectOption("[name=relation]", "child");
    await page.selectOption("[name=ground]", "unable");
    await page.fill("[name=idNumber]", "033 188 001 234");
    assert.deepEqual(await violations(page), [], "a representative");
    await shot(page, `${name}-who`);
  }
  await press(page, "Đưa máy cho người ký");
  await page.waitForSelector("[data-pad]");
  await page.locator(".handedwords", { hasText: "Cắt ruột thừa nội soi" }).waitFor();
  // Nothing is no signature, and that is told.
  await press(page, "Tôi đã đọc và đồng ý");
  await page.locator("[role=alert]", { hasText: "Ký tên vào khung" }).waitFor();
  await draw(page, touch);
  // A busy browser takes a finger's touch away in mid-line: whoever sees half a name draws it again.
  const lines = async () => (await page.locator("[data-pad] .ink").getAttribute("d")).split("M").length - 1;
  for (let tries = touch ? 4 : 0; tries > 0 && (await lines()) < 2; tries--) {
    // Of an empty pad there is nothing to clear, and the button says so.
    if ((await lines()) > 0) await press(page, "Xóa, vẽ lại");
    await draw(page, touch);
  }
  assert.equal(await lines(), 2, "the name as it was drawn");
  await shot(page, `${name}-pad`);
  assert.deepEqual(await violations(page), [], "the pad");
  await press(page, "Tôi đã đọc và đồng ý");
  await page.waitForSelector("[role=dialog] [name=pin]");
  await shot(page, `${name}-witness`);
  assert.deepEqual(await violations(page), [], "the witness");
  await page.keyboard.type(doctor.pin);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".handed", { state: "detached" });
  const line = page.locator(".patientsigned");
  await line.waitFor();
  const said = await line.innerText();
  assert.match(said, representative ? /Trần Thị Con Gái[\s\S]*đại diện cho người bệnh: con/ : new RegExp(someone.patient.name));
  assert.match(said, new RegExp(`ký tay trên màn hình[\\s\\S]*${doctor.name}`));
  await shot(page, `${name}-signed`);
  assert.deepEqual(await violations(page), [], "the signed sheet");

  // What is kept is in the print: the evidence, and the lines that say what they are.
  const url = await page.getAttribute(".sheethead a[target=_blank]", "href");
  const bytes = await page.evaluate(async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())], url);
  const file = join(mkdtempSync(join(tmpdir(), "patient-sign-")), "sheet.pdf");
  writeFileSync(file, Buffer.from(bytes));
  const words = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).replace(/\s+/g, " ");
  assert.match(words, /ký tay trên màn hình lúc/);
  assert.match(words, /người làm chứng/);
  assert.match(words, /chỉ để xem/);
  const attached = execFileSync("pdfdetach", ["-list", file], { encoding: "utf8" });
  assert.match(attached, /nguoi-benh-ky-[0-9a-f-]+\.json\b/);
  assert.match(attached, /nguoi-benh-ky-[0-9a-f-]+\.json\.p7s/);
  if (SHOTS) execFileSync("pdftoppm", ["-r", "80", "-png", file, join(SHOTS, `${name}-pdf`)]);
  await context.close();
  assert.deepEqual(faults, []);
}

test("a patient signs with a mouse at the ward's screen, and the print carries it", () => signs({ touch: false, name: "screen" }));
test("a daughter signs for a patient with a finger on a tablet", () => signs({ touch: true, name: "tablet", representative: true }));

test("whoever holds the tablet gets nowhere but to a locked screen", async () => {
  assert.ok(BASE);
  const { page, context, faults } = await terminal(browser);
  const doctor = await login(page, "doctor");
  await page.waitForSelector(".bed");
  const [someone] = await occupants(page);
  const stay = await ask(page, `/encounters/${someone.encounterId}`);
  const { id: sheet } = await explained(page, someone.encounterId, doctor.pin);
  await visit(page, `/chart/${someone.encounterId}/forms/${sheet}`, ".formsheet .sheetside");
  await press(page, "Đưa người bệnh ký");
  await page.waitForSelector("[role=dialog] [name=signer]");
  if (stay.patient.ageYears < 18) {
    await page.fill("[name=name]", "Trần Thị Mẹ");
    await page.selectOption("[name=relation]", "parent");
    await page.fill("[name=idNumber]", "033188001234");
  }
  await press(page, "Đưa máy cho người ký");
  await page.waitForSelector("[data-pad]");
  await page.keyboard.press("Escape");
  await page.keyboard.press("F9");
  assert.equal(await page.locator("[data-pad]").count(), 1, "no key leads out");
  await press(page, "Không ký, trả máy");
  await page.waitForSelector("[name=pin]");
  assert.equal(await page.locator(".handed, .formsheet").count(), 0, "and nothing of the record is left on the glass");
  await page.keyboard.type(doctor.pin);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".formsheet .sheetside");
  await page.locator(".sheetside .tag", { hasText: "người bệnh chưa ký" }).waitFor();
  await context.close();
  assert.deepEqual(faults, []);
});

/** The words of a PDF that the server answers with. */
function wordsOf(bytes) {
  const file = join(mkdtempSync(join(tmpdir(), "patient-sign-")), "sheet.pdf");
  writeFileSync(file, Buffer.from(bytes));
  return execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).replace(/\s+/g, " ");
}

test("a sheet is printed, signed with ink, and its scan comes back by the code on the paper", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const doctor = await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = await adult(page);
  const { id: sheet } = await explained(page, someone.id, doctor.pin);
  await visit(page, `/chart/${someone.id}/forms/${sheet}`, ".formsheet .sheetside");
  await press(page, "Ký trên giấy");
  await page.waitForSelector("[role=dialog] [name=scan]");
  assert.deepEqual(await violations(page), [], "the paper's dialog");
  const [asked] = await Promise.all([page.waitForResponse((answer) => answer.url().endsWith("/paper")), press(page, "In để ký giấy")]);
  const { version, slot } = JSON.parse(asked.request().postData());
  const bytes = await printed(page, sheet, { version, slot });
  const words = wordsOf(bytes);
  assert.match(words, /Bản giấy chuyển đổi từ hồ sơ bệnh án điện tử/);
  const code = /Mã đối chiếu ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(words)[1];
  await page.bringToFront();

  await press(page, "Tiếp tục");
  await page.waitForSelector("[role=dialog] .wrong");
  assert.deepEqual(await violations(page), [], "what is missing");
  const scan = await page.screenshot({ type: "jpeg" });
  await page.setInputFiles("[name=scan]", { name: "to-1.jpg", mimeType: "image/jpeg", buffer: scan });
  await page.fill("[name=keptAt]", "Kho A, hộp 12");
  await page.fill("[name=code]", "abcd-efgh");
  await shot(page, "paper-form");
  const goOn = async () => {
    await press(page, "Tiếp tục");
    await page.waitForSelector("[role=dialog] [name=signer]");
    await press(page, "Tiếp tục");
    await page.waitForSelector("[role=dialog] [name=pin]");
  };
  await goOn();
  await page.waitForSelector(".paperscan");
  await shot(page, "paper-confirm");
  assert.deepEqual(await violations(page), [], "the confirmation");
  await page.keyboard.type(doctor.pin);
  await page.keyboard.press("Enter");
  await page.locator("[role=alert]", { hasText: "Mã trên bản giấy" }).waitFor();
  // Back to the form: nothing that was typed is lost to a wrong code.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog] [name=code]");
  assert.equal(await page.inputValue("[name=keptAt]"), "Kho A, hộp 12");
  await page.fill("[name=code]", code);
  await goOn();
  await page.keyboard.type(doctor.pin);
  await page.keyboard.press("Enter");
  await page.locator(".patientsigned", { hasText: "Bản giấy cất tại Kho A, hộp 12" }).waitFor();
  const kept = await page.evaluate(async (url) => [...new Uint8Array(await (await fetch(url)).arrayBuffer())], await page.getAttribute(".patientsigned a", "href"));
  assert.deepEqual(Buffer.from(kept), scan);
  await shot(page, "paper-signed");
  await context.close();
  assert.deepEqual(faults, []);
});
