// The administrator enters a breach; its clock stands where a person looks first, until the report is noted and it is closed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
const PICTURES = process.env.BENHAN_PICTURES;
const picture = async (page, name) => PICTURES && (await page.screenshot({ path: `${PICTURES}/${name}.png` }));

test("a breach has its clock until its report is noted", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  await login(page, "administrator");
  await visit(page, "/incidents", ".incidents-lead");
  await page.locator(".bar .chip", { hasText: "An ninh" }).press("Enter");
  const what = `Mất một máy tính xách tay ${Date.now()}`;
  await page.getByRole("button", { name: "Ghi sự cố an ninh, dữ liệu" }).press("Enter");
  await page.selectOption("[name=concerns]", "personal-data");
  await page.fill("[name=what]", what);
  await page.fill("[name=affected]", "1 200");
  assert.deepEqual(await violations(page), [], "what is known");
  await picture(page, "security-enter");
  await page.locator("[role=dialog] button[type=submit]").press("Enter");
  await page.waitForSelector("[role=dialog] [role=alert]");
  await page.fill("[name=categories]", "họ tên, chẩn đoán của người bệnh ngoại trú");
  await page.keyboard.press("Enter");
  const row = page.locator(".security tbody tr", { hasText: what });
  await row.locator(".tag.warn", { hasText: "còn 3 ngày" }).waitFor();
  assert.deepEqual(await violations(page), [], "the register");
  await picture(page, "security-list");

  await visit(page, "/attention", ".owed");
  assert.match(await page.innerText(".owed"), new RegExp(what));
  assert.deepEqual(await violations(page), [], "what waits");
  await picture(page, "security-waiting");

  await visit(page, "/incidents", ".incidents-lead");
  await page.locator(".bar .chip", { hasText: "An ninh" }).press("Enter");
  await row.getByRole("button", { name: "Đóng" }).press("Enter");
  await page.fill("[name=closing]", "Đã tìm lại máy, ổ đĩa mã hoá");
  await page.locator("[role=dialog] button[type=submit]").press("Enter");
  await page.waitForSelector("[role=dialog] [role=alert]");
  assert.match(await page.innerText("[role=dialog] [role=alert]"), /Còn 1 báo cáo chưa gửi/);
  await page.keyboard.press("Escape");
  await row.getByRole("button", { name: "Ghi báo cáo đã gửi" }).press("Enter");
  await page.fill("[name=recipient]", "Cơ quan chuyên trách bảo vệ dữ liệu cá nhân");
  await page.fill("[name=reference]", "12/BC-BV");
  await page.locator("[role=dialog] button[type=submit]").press("Enter");
  await row.locator(".tag.good", { hasText: "đã gửi" }).waitFor();
  await row.getByRole("button", { name: "Đóng" }).press("Enter");
  await page.fill("[name=closing]", "Đã tìm lại máy, ổ đĩa mã hoá");
  await page.locator("[role=dialog] button[type=submit]").press("Enter");
  await row.locator(".tag", { hasText: "đã đóng" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
