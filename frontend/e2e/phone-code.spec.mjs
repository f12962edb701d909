// A patient who cannot draw a name agrees with the six digits that went to their phone; the service of messages is ours.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { adult, explained } from "./consent.mjs";
import { login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
let service;
const phones = [];
before(async () => {
  browser = await openBrowser();
  service = createServer((asked, answer) => {
    let body = "";
    asked.on("data", (piece) => (body += piece));
    asked.on("end", () => (phones.push(JSON.parse(body)), answer.end('{"id":"MS-1"}')));
  });
  await new Promise((listening) => service.listen(Number(new URL(process.env.BENHAN_MESSAGES_URL).port), "127.0.0.1", listening));
});
after(async () => (await browser.close(), service.close()));

const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `phone-code-${name}.png`) });
const press = (page, words) => page.locator("button", { hasText: words }).last().click();

test("a patient agrees with the code from their phone, and the sheet says so", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const doctor = await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = await adult(page);
  const { id: sheet } = await explained(page, someone.id, doctor.pin);
  await visit(page, `/chart/${someone.id}/forms/${sheet}`, ".formsheet .sheetside");
  await press(page, "Đưa người bệnh ký");
  await page.waitForSelector("[role=dialog] [name=signer]");
  await press(page, "Đưa máy cho người ký");
  await page.waitForSelector("[data-pad]");
  await shot(page, "pad");
  await press(page, "Dùng mã gửi đến điện thoại");
  // Neither number nor code is no answer, and each is told.
  await press(page, "Tôi đã đọc và đồng ý");
  await page.locator("[role=alert]", { hasText: "Bấm «Gửi mã»" }).waitFor();
  await page.fill("[name=phone]", "113");
  await press(page, "Gửi mã");
  await page.locator("[role=alert]", { hasText: "số điện thoại di động" }).waitFor();
  assert.equal(phones.length, 0);
  await page.fill("[name=phone]", "0912 345 678");
  await press(page, "Gửi mã");
  await page.locator(".phonecode", { hasText: "…678" }).waitFor();
  const [code] = phones[0].text.match(/\b\d{6}\b/);
  assert.equal(phones[0].to, "0912345678");
  await page.fill("[name=code]", code === "111111" ? "222222" : "111111");
  await shot(page, "code");
  assert.deepEqual(await violations(page), [], "the code");
  const confirm = async () => {
    await press(page, "Tôi đã đọc và đồng ý");
    await page.waitForSelector("[role=dialog] [name=pin]");
    await page.keyboard.type(doctor.pin);
    await page.keyboard.press("Enter");
  };
  await confirm();
  await page.locator("[role=dialog] [role=alert]", { hasText: "Mã không đúng, còn 2 lần" }).waitFor();
  await shot(page, "wrong");
  await page.keyboard.press("Escape");
  await page.fill("[name=code]", code);
  await confirm();
  await page.waitForSelector(".handed", { state: "detached" });
  const said = await page.locator(".patientsigned").innerText();
  assert.match(said, /mã gửi đến điện thoại …678/);
  assert.match(said, new RegExp(someone.patient.name));
  await shot(page, "signed");
  assert.deepEqual(await violations(page), [], "the signed sheet");
  await context.close();
  assert.deepEqual(faults, []);
});
