// The downtime kits: an administrator locks them and gives a computer its token; the ward sees its kit and takes it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFile } from "node:fs/promises";
import { firstWard, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
const SHOTS = process.env.BENHAN_SHOTS;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const openKits = async (page) => {
  await visit(page, "/incidents", ".incidents-lead");
  await page.locator(".bar .chip", { hasText: "Bộ dự phòng" }).click();
  await page.waitForSelector("table.kits tbody tr");
};

// Clauses: C46-5.c
test("an administrator locks the kits, and the ward takes its own", async () => {
  const ward = await terminal(browser, { audit: true });
  await login(ward.page, "nurse");
  await ward.page.waitForSelector(".bed");
  const mine = await firstWard(ward.page);
  const desk = await terminal(browser, { audit: true });
  await login(desk.page, "administrator");
  await desk.page.waitForSelector("nav.rail a[href='/incidents']");
  await openKits(desk.page);
  await desk.page.locator("table.kits .tag", { hasText: "chưa đặt mật khẩu" }).first().waitFor();
  assert.equal(await desk.page.locator("table.kits a").count(), 0, "who sees no patient takes no kit");
  assert.deepEqual(await violations(desk.page), [], "the kits");
  await desk.page.locator("table.kits tbody tr", { hasText: mine.name }).locator(".btn").click();
  await desk.page.fill("[role=dialog] [name=kit-password]", "ngan-qua");
  await desk.page.keyboard.press("Enter");
  await desk.page.locator("[role=dialog]", { hasText: "từ 12 đến 64 ký tự" }).waitFor();
  await desk.page.fill("[role=dialog] [name=kit-password]", "khoa noi 2026!");
  assert.deepEqual(await violations(desk.page), [], "the password");
  await desk.page.keyboard.press("Enter");
  await desk.page.locator(".bar [role=status]", { hasText: "Đã đặt mật khẩu" }).waitFor();

  await desk.page.locator(".btn", { hasText: "Cấp mã cho máy" }).click();
  await desk.page.fill("[role=dialog] [name=label]", "Máy trực khoa Nội");
  await desk.page.keyboard.press("Enter");
  await desk.page.locator("[role=dialog] code", { hasText: /^[0-9a-f]{64}$/ }).waitFor();
  assert.deepEqual(await violations(desk.page), [], "the token");
  await desk.page.locator("[role=dialog] .btn.p").click();
  await desk.page.locator("tr", { hasText: "Máy trực khoa Nội" }).locator(".btn.danger").click();
  await desk.page.locator("[role=dialog] .btn.danger").click();
  await desk.page.locator("tr", { hasText: "Máy trực khoa Nội" }).locator(".tag", { hasText: "đã thu hồi" }).waitFor();

  // A kit is many pages: the ward looks again until the first one is there.
  const link = ward.page.locator("table.kits a", { hasText: "Tải về" });
  const come = () => link.first().waitFor({ timeout: 5_000 }).then(() => true, () => false);
  await openKits(ward.page);
  for (let look = 0; look < 40 && !(await come()); look += 1) {
    await ward.page.reload();
    await openKits(ward.page);
  }
  assert.equal(await ward.page.locator("table.kits tbody tr").count(), 1, "hers alone");
  assert.deepEqual(await violations(ward.page), [], "the ward's kit");
  if (SHOTS) await ward.page.screenshot({ path: `${SHOTS}/kit-ward.png` });
  const [download] = await Promise.all([ward.page.waitForEvent("download"), link.first().click()]);
  assert.match(download.suggestedFilename(), /^du-phong-\w+\.pdf$/);
  const kit = await readFile(await download.path());
  assert.equal(kit.subarray(0, 5).toString(), "%PDF-");
  assert.ok(kit.includes("/AESV3"), "locked");
  await openKits(desk.page);
  if (SHOTS) await desk.page.screenshot({ path: `${SHOTS}/kit-desk.png` });
  for (const { context, faults } of [ward, desk]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
});
