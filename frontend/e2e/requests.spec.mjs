// A son asks for his mother's record: the record room writes it down, the director allows a copy, and the copy is noted.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const dialog = (page, title) => page.locator(".modal", { hasText: title });

// Clauses: C46-7.1, C46-7.2, KCB-69.4d, KCB-69.5
test("a request is taken in, decided by the director, and the copy stands on it with its hash", async () => {
  const purpose = `Khám tiếp ở tuyến trên ${Date.now()}`;
  const room = await terminal(browser, { audit: true });
  await login(room.page, "record-room");
  await visit(room.page, "/requests", ".requests-lead");
  assert.deepEqual(await violations(room.page), [], "no request yet");
  await room.page.click(".bar .btn.p");
  const form = dialog(room.page, "Nhận yêu cầu");
  await form.locator("button[type=submit]").click();
  await form.getByText("Chọn người bệnh và đợt điều trị.").waitFor();
  await form.locator("[role=combobox]").fill("Nguyễn");
  await room.page.locator("[role=option]").first().click();
  await form.locator("[name=stay]").waitFor();
  await form.locator("[name=requester]").selectOption("chosen-representative");
  assert.equal(await form.locator("[name=extent]").isDisabled(), true, "the law gives them the summary");
  await form.locator("[name=requester]").selectOption("representative");
  await form.locator("[name=extent]").selectOption("record");
  await form.locator("[name=copy]").check();
  for (const [name, text] of [["name", "Nguyễn Văn Con"], ["identity", "Căn cước 079080001234"], ["paper", "Đơn ngày 20/11/2026"], ["ground", "Điểm d khoản 4 Điều 69"]]) await form.locator(`[name=${name}]`).fill(text);
  await form.locator("button[type=submit]").click();
  await form.getByText("Ghi mục đích sử dụng").waitFor();
  await form.locator("[name=purpose]").fill(purpose);
  assert.deepEqual(await violations(room.page), [], "the form");
  await form.locator("button[type=submit]").click();
  const row = (page) => page.locator(".requests tbody tr", { hasText: purpose });
  await row(room.page).locator(".tag.new", { hasText: "Chờ quyết định" }).waitFor();
  assert.equal(await row(room.page).locator(".btn.p").count(), 0, "the record room decides nothing");

  const head = await terminal(browser, { audit: true });
  await login(head.page, "director");
  await visit(head.page, "/requests", ".requests");
  await row(head.page).locator(".btn.p").click();
  const decision = dialog(head.page, "Quyết định yêu cầu");
  await decision.locator("button[type=submit]").click();
  await decision.getByText("Ghi lý do hoặc điều kiện.").waitFor();
  await decision.locator("[name=words]").fill("Đúng người, đúng mục đích");
  assert.deepEqual(await violations(head.page), [], "the decision");
  await decision.locator("button[type=submit]").click();
  await row(head.page).locator(".tag.good", { hasText: "Đã đồng ý" }).waitFor();

  await visit(room.page, "/requests", ".requests");
  await row(room.page).locator(".btn").click();
  const one = dialog(room.page, "Yêu cầu ");
  const [copy] = await Promise.all([room.page.waitForEvent("download"), one.getByText("Cấp bản sao (ZIP)").click()]);
  const bytes = await readFile(await copy.path());
  assert.equal(bytes.subarray(0, 2).toString(), "PK");
  await one.getByText("Đã cấp bản sao").waitFor();
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  await one.getByText(hash).waitFor();
  assert.deepEqual(await violations(room.page), [], "a request with what was given out");
});
