// Who saw this patient? The auditor asks from the chart, narrows by person and act, and reads what a row knows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => { browser = await openBrowser(); });
after(() => browser.close());

const rows = (page) => page.locator(".audit-table tbody tr:not(.audit-detail)");

// Clauses: C46-10.5
test("the auditor asks who saw a patient, from the chart, and narrows the answer", async () => {
  const ward = await terminal(browser);
  await login(ward.page, "nurse");
  await ward.page.waitForSelector(".bed");
  const [someone] = await occupants(ward.page);
  await visit(ward.page, `/chart/${someone.encounterId}`, ".chartmain .card");
  await ward.context.close();

  const { page, context } = await terminal(browser, { audit: true });
  await login(page, "auditor");
  await visit(page, `/chart/${someone.encounterId}`, ".chartmain .card");
  await page.getByRole("link", { name: "Ai đã xem, đã ghi" }).click();
  await page.waitForSelector(".audit-table");
  await page.getByRole("button", { name: `Bỏ điều kiện Người bệnh: ${someone.name}` }).waitFor();
  const about = await page.locator(".audit-table tbody td:nth-child(4) .narrow").allTextContents();
  assert.ok(about.length > 0 && about.every((name) => name === someone.name), about.join());

  await page.getByLabel("Việc").selectOption("view");
  // No row at all is a list that is still on its way.
  await page.waitForFunction(() => { const acts = [...document.querySelectorAll(".audit-table tbody td:nth-child(3) b")]; return acts.length > 0 && acts.every((b) => b.textContent === "Xem"); });
  const whole = await rows(page).count();
  const nurse = await rows(page).nth(1).locator(".narrow").first().textContent();
  await rows(page).nth(1).locator(".narrow").first().click();
  await page.getByRole("button", { name: `Bỏ điều kiện Người làm: ${nurse}` }).waitFor();
  await page.waitForFunction((name) => [...document.querySelectorAll(".audit-table tbody td:nth-child(2)")].every((td) => td.textContent === name), nurse);
  assert.ok((await rows(page).count()) <= whole);

  await rows(page).first().getByRole("button", { name: "Chi tiết" }).click();
  await page.waitForSelector(".audit-detail dl");
  assert.deepEqual(await violations(page), []);
  if (process.env.SHOT) await page.screenshot({ path: process.env.SHOT });

  await page.getByLabel("Từ ngày").fill("32/13/2026");
  await page.getByRole("button", { name: "Xem", exact: true }).click();
  await page.getByText("Ngày ghi theo dạng 29/11/2026").waitFor();
  await page.getByLabel("Từ ngày").fill("01/01/2020");
  await page.getByLabel("Đến ngày").fill("02/01/2020");
  await page.getByRole("button", { name: "Xem", exact: true }).click();
  await page.getByText("Không có dòng nào như vậy.").waitFor();
  await context.close();
});
