// A chart of another ward is opened in an emergency and looked at afterwards; what was withdrawn is restored; the
// administrator sees who is where, sets hours, and reads the rights. axe finds nothing on any of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, demo, login, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

async function enter(username) {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const user = demo.users.find((one) => one.username === username);
  await page.goto(BASE);
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav.rail");
  return { page, context, faults, user };
}
const part = (page, name) => page.locator(".bar .chip", { hasText: name }).click();

// Clauses: PDP-BG
test("a nurse opens a chart of another ward in an emergency, and the auditor says what they found", async () => {
  const words = `Gọi hỗ trợ ngừng tuần hoàn ${Date.now()}`;
  const ward = await enter("ha");
  await ward.page.waitForSelector(".bed");
  const [someone] = await occupants(ward.page);
  const other = await enter("nga");
  await visit(other.page, `/chart/${someone.encounterId}`, ".failure");
  await other.page.locator("button", { hasText: "Truy cập khẩn cấp" }).click();
  await other.page.waitForSelector("[role=dialog] [name=reason]");
  assert.deepEqual(await violations(other.page), [], "the dialog");
  await other.page.keyboard.press("Tab");
  await other.page.locator("[role=dialog] button", { hasText: "Mở hồ sơ" }).click();
  await other.page.waitForSelector("[role=dialog] [role=alert]");
  await other.page.fill("[role=dialog] [name=reason]", words);
  await other.page.locator("[role=dialog] button", { hasText: "Mở hồ sơ" }).click();
  await other.page.waitForSelector(".banner");
  assert.match(await other.page.innerText(".reading"), /chỉ đọc/);
  assert.deepEqual(await violations(other.page), [], "a chart to read");

  const desk = await enter("quantri");
  await visit(desk.page, "/access", ".access tbody tr");
  assert.ok(!(await desk.page.innerText("main")).includes(someone.name), "no patient to the administrator");
  const auditor = await enter("kiemtra");
  await visit(auditor.page, "/access", ".access tbody tr");
  const row = auditor.page.locator(".access tbody tr", { hasText: words });
  assert.match(await row.innerText(), new RegExp(someone.name));
  assert.deepEqual(await violations(auditor.page), [], "the list");
  await row.locator("button").click();
  await auditor.page.fill("[role=dialog] [name=note]", "Đối chiếu sổ trực, đúng");
  assert.deepEqual(await violations(auditor.page), [], "the review");
  await auditor.page.keyboard.press("Enter");
  await row.locator(".tag.good", { hasText: "Có căn cứ" }).waitFor();
  for (const one of [ward, other, desk, auditor]) {
    assert.deepEqual(one.faults, []);
    await one.context.close();
  }
});

// Clauses: C46-10.5
test("a note that was withdrawn by mistake stands again", async () => {
  const words = `Ghi chép huỷ nhầm ${Date.now()}`;
  const { page, context, faults } = await enter("lan");
  await page.waitForSelector(".bed");
  const [, someone] = await occupants(page);
  await visit(page, `/chart/${someone.encounterId}/notes`, ".newnote");
  await page.fill(".newnote [name=course]", words);
  await page.click(".newnote button[type=submit]");
  const note = page.locator(".notes li", { hasText: words });
  await note.locator("button", { hasText: "Hủy ghi chép" }).click();
  await page.fill("[role=dialog] [name=reason]", "Nhầm người bệnh");
  await page.keyboard.press("Enter");
  await note.locator(".tag.bad", { hasText: "đã hủy" }).waitFor();
  assert.deepEqual(await violations(page), [], "a withdrawn note");
  await note.locator("button", { hasText: "Khôi phục" }).click();
  await page.fill("[role=dialog] [name=reason]", "Đúng người bệnh");
  await page.keyboard.press("Enter");
  await note.locator("button", { hasText: "Sửa ghi chép" }).waitFor();
  await note.locator("button", { hasText: "bản 3" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

// Clauses: C46-8.2, C46-10.2a, CV-III.1.1c
test("the administrator ends a session, sets hours and reads the rights", async () => {
  const ended = await enter("tuan");
  const { page, context, faults } = await terminal(browser, { audit: true });
  await login(page, "administrator");
  await visit(page, "/access", ".bar .chip");
  await part(page, "Phiên đang mở");
  const his = page.locator("tr", { hasText: ended.user.name }).first();
  await his.waitFor();
  assert.deepEqual(await violations(page), [], "sessions");
  await his.locator("button").click();
  await ended.page.waitForSelector("[name=username]");

  await part(page, "Dùng chung tài khoản");
  await page.waitForSelector(".lead");
  await part(page, "Khung giờ");
  const role = page.locator("tr", { hasText: "Phòng hồ sơ" });
  await role.locator("button").click();
  await page.waitForSelector("[role=dialog] [name=grace]");
  assert.deepEqual(await violations(page), [], "hours");
  await page.fill("[role=dialog] [name=grace]", "10");
  await page.locator("[role=dialog] button[type=submit]").click();
  await role.getByText("T2–T6 07:00–17:00").waitFor();
  await role.locator("button").click();
  await page.locator("[role=dialog] button.danger").click();
  await role.getByText("mọi lúc").waitFor();

  await part(page, "Bảng quyền");
  const restoring = page.locator(".policy tr", { hasText: "khôi phục" }).first();
  await restoring.waitFor();
  assert.match(await restoring.innerText(), /khoa\s+khoa\s+viện/);
  assert.deepEqual(await violations(page), [], "rights");
  await page.click("button.me");
  await page.waitForSelector("[role=dialog] table");
  assert.deepEqual(await violations(page), [], "own sessions");
  assert.deepEqual(faults, []);
  await context.close();
  await ended.context.close();
});
