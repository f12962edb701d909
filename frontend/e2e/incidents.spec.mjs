// Written thirteen hours after the act: the chart and the report say so; the head nurse's incident lifts it, and does not
// any more once it is annulled.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const HOUR = 3_600_000;
/** "HH:mm dd/MM/yyyy" in Vietnam, so many hours ago. */
function typed(hoursAgo) {
  const [date, time] = new Date(Date.now() + (7 - hoursAgo) * HOUR).toISOString().split("T");
  return `${time.slice(0, 5)} ${date.split("-").reverse().join("/")}`;
}
async function tabTo(page, field) {
  for (let steps = 0; steps < 30; steps += 1) {
    if (await page.evaluate((name) => document.activeElement.getAttribute("name") === name, field)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the keyboard never gets to ${field}`);
}
async function openLate(page) {
  await visit(page, "/incidents", ".incidents-lead");
  await page.locator(".bar .chip", { hasText: "Ghi muộn" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".late-filter");
}

// Clauses: C46-5.b, C46-5.c
test("a late note is marked and reported, and an incident that is declared afterwards lifts it", async () => {
  const words = `Ghi bù sau mất mạng ${Date.now()}`;
  const system = `Mạng khoa Nội ${Date.now()}`;
  const ward = await terminal(browser, { audit: true });
  await login(ward.page, "nurse");
  await ward.page.waitForSelector(".bed");
  const [someone] = await occupants(ward.page);
  const notes = `/chart/${someone.encounterId}/notes`;
  await visit(ward.page, notes, ".newnote");
  await ward.page.fill(".newnote [name=time]", typed(13));
  await ward.page.fill(".newnote [name=course]", words);
  await ward.page.click(".newnote button[type=submit]");
  const note = ward.page.locator(".notes li", { hasText: words });
  await note.locator(".tag.late", { hasText: "muộn, sau 13 giờ" }).waitFor();
  assert.deepEqual(await violations(ward.page), [], "a late mark on a chart");
  // The sheet that it was written on by hand.
  await note.locator("button", { hasText: "Đính bản giấy" }).waitFor();
  await note.locator("[name=entryPaper]").setInputFiles({ name: "to-ghi-tay.png", mimeType: "image/png", buffer: await ward.page.screenshot() });
  await note.locator("a.tag", { hasText: "Bản giấy" }).waitFor();
  assert.deepEqual(await violations(ward.page), [], "its paper beside it");

  await openLate(ward.page);
  const line = (page) => page.locator(".incidents tbody tr", { hasText: someone.patientCode }).first(); // the newest
  await line(ward.page).locator(".tag.late", { hasText: "quá 12 giờ" }).waitFor();
  assert.match(await line(ward.page).innerText(), new RegExp(`${someone.name}[\\s\\S]*Phiếu chăm sóc[\\s\\S]*13 giờ`));
  assert.deepEqual(await violations(ward.page), [], "the report");
  await ward.page.locator(".bar .chip", { hasText: "Sự cố" }).click();
  await ward.page.waitForSelector(".late-filter", { state: "detached" });
  assert.equal(await ward.page.locator(".bar .btn").count(), 0, "a nurse declares nothing");

  const desk = await terminal(browser, { audit: true });
  await login(desk.page, "head-nurse");
  await visit(desk.page, "/incidents", ".incidents-lead");
  await desk.page.focus(".bar .btn.p");
  await desk.page.keyboard.press("Enter");
  await desk.page.waitForSelector("[role=dialog] [name=from]");
  for (const [field, text] of [["from", typed(14)], ["to", typed(12.5)], ["system", system], ["reason", "Đứt cáp quang"]]) {
    await tabTo(desk.page, field);
    await desk.page.keyboard.type(text);
  }
  assert.deepEqual(await violations(desk.page), [], "the form");
  await desk.page.keyboard.press("Tab");
  await desk.page.keyboard.press("Tab");
  await desk.page.keyboard.press("Enter");
  await desk.page.locator(".bar [role=status]", { hasText: /Đã khai báo\. \d+ mục/ }).waitFor();
  const row = desk.page.locator(".incidents tbody tr", { hasText: system });
  await row.locator(".tag.good").waitFor();
  assert.deepEqual(await violations(desk.page), [], "the list");

  await openLate(desk.page);
  await line(desk.page).locator(".tag.good", { hasText: "trong 24 giờ" }).waitFor();
  assert.match(await line(desk.page).innerText(), new RegExp(`${system}[\\s\\S]*khai báo sau khi ghi`));
  await visit(ward.page, notes, ".newnote");
  await ward.page.reload();
  await note.locator(".tag", { hasText: "có sự cố CNTT" }).waitFor();

  await desk.page.locator(".bar .chip", { hasText: "Sự cố" }).click();
  await row.locator(".btn.danger").click();
  await desk.page.fill("[role=dialog] [name=reason]", "Khai nhầm khoa");
  await desk.page.keyboard.press("Enter");
  await row.locator(".tag", { hasText: "đã huỷ khai báo" }).waitFor();
  assert.equal(await row.locator(".btn").count(), 0);
  await openLate(desk.page);
  await line(desk.page).locator(".tag.late", { hasText: "quá 12 giờ" }).waitFor();
  for (const { context, faults } of [ward, desk]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test("an administrator declares for the whole hospital and sees no patient", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "administrator");
  await page.waitForSelector("nav.rail a[href='/incidents']");
  await visit(page, "/incidents", ".incidents-lead");
  assert.deepEqual(await page.locator(".bar .chip").allInnerTexts(), ["Sự cố", "Bộ dự phòng", "An ninh, dữ liệu cá nhân"], "no late entries of patients");
  await page.click(".bar .btn.p");
  await page.waitForSelector("[role=dialog] select[name=ward] option:nth-child(2)", { state: "attached" });
  assert.equal(await page.locator("[role=dialog] select[name=ward] option").first().innerText(), "Toàn viện");
  await page.fill("[role=dialog] [name=from]", typed(24 * 31));
  await page.fill("[role=dialog] [name=system]", "Máy chủ");
  await page.fill("[role=dialog] [name=reason]", "Hỏng đĩa");
  await page.click("[role=dialog] button[type=submit]");
  // More than a month is asked about, and not sent again by itself.
  await page.waitForSelector("[role=dialog] [name=confirmed]");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  assert.deepEqual(faults, []);
  await context.close();
});
