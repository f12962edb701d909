// A record that only assigned staff read: a doctor restricts it, the ward sees a lock and no diagnosis, an emergency opens
// it to read, readers come and go, and the director assigns one without reading. In the end it is everybody's again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { BASE, demo, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `restriction-${name}.png`) });

async function enter(username) {
  const { page, context, faults } = await terminal(browser, { audit: true });
  await page.setViewportSize({ width: 1366, height: 768 });
  const user = demo.users.find((one) => one.username === username);
  await page.goto(BASE);
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav.rail");
  return { page, context, faults, user };
}
const dialog = (page, title) => page.locator("[role=dialog]", { hasText: title });
const card = (page, stay) => page.locator(`a[data-card][href="/chart/${stay}"]`);
const asks = (page) => page.locator(".charttabs button", { hasText: "Người xem" }).click();

/** A word of the name or role finds a colleague, Enter takes them: by keyboard alone. */
async function pick(box, word, name) {
  const finder = box.getByRole("combobox");
  await finder.fill(word);
  await box.locator("[role=option][aria-selected=true]", { hasText: name }).waitFor();
  await finder.press("Enter");
  await box.getByRole("button", { name: `Bỏ chọn ${name}` }).waitFor();
}

// Clauses: PDP-HIV
test("a doctor restricts a record, the ward sees a lock, an emergency opens it, and readers come and go", async () => {
  const reason = `Người bệnh yêu cầu giữ kín ${Date.now()}`;
  const [viet, ha, lan, mai, thanh] = ["viet", "ha", "lan", "mai", "thanh"].map((username) => demo.users.find((one) => one.username === username));
  const desk = await enter(viet.username);
  await desk.page.waitForSelector(".bed");
  const someone = (await occupants(desk.page)).filter((one) => one.alone && one.diagnosis && !one.restricted).at(-1);
  const chart = `/chart/${someone.encounterId}`;

  await visit(desk.page, chart, ".banner");
  await asks(desk.page);
  const form = dialog(desk.page, "Hạn chế xem hồ sơ này");
  await form.locator("[role=option]").first().waitFor();
  assert.equal(await form.locator("input:checked").count(), 0, "no kind is chosen beforehand");
  await form.locator("button[type=submit]").click();
  await form.locator(".refusal", { hasText: "giữ kín" }).waitFor();
  await form.getByLabel("Kết quả HIV").check();
  await form.locator("[name=reason]").fill(reason);
  await pick(form, "thanh", thanh.name);
  await form.getByRole("button", { name: `Bỏ chọn ${thanh.name}` }).press("Enter");
  await form.getByRole("button", { name: `Bỏ chọn ${thanh.name}` }).waitFor({ state: "detached" });
  await pick(form, "lan", lan.name);
  await pick(form, "điều dưỡng trưởng", mai.name);
  assert.deepEqual(await violations(desk.page), [], "who restricts");
  await shot(desk.page, "form");
  await form.locator("button[type=submit]").click();
  await form.waitFor({ state: "detached" });
  await desk.page.locator(".banner .tag.lock", { hasText: "Hạn chế xem" }).waitFor();
  assert.ok((await desk.page.innerText(".banner")).includes(someone.diagnosis), "who reads sees all of it");
  await asks(desk.page);
  const readers = dialog(desk.page, "Người được xem hồ sơ này");
  for (const { name } of [viet, lan, mai]) await readers.locator("tbody tr", { hasText: name }).first().waitFor();
  assert.match(await readers.innerText(), new RegExp(`Kết quả HIV: ${reason}`));
  assert.deepEqual(await violations(desk.page), [], "who reads");
  await shot(desk.page, "readers");
  await desk.page.keyboard.press("Escape");

  const ward = await enter(ha.username);
  await card(ward.page, someone.encounterId).locator(".lock", { hasText: "Hạn chế xem" }).waitFor();
  const seen = await card(ward.page, someone.encounterId).innerText();
  assert.ok(!seen.includes(someone.diagnosis), "no diagnosis on the board");
  assert.equal(await card(ward.page, someone.encounterId).locator(".tag.new, .tag.crit").count(), 0, "no result on the board");
  assert.deepEqual(await violations(ward.page), [], "the board");
  await shot(ward.page, "board");
  await visit(ward.page, `/patients/${someone.patientId}`, ".bigname");
  const stay = ward.page.locator("table.grid tbody tr", { has: ward.page.locator(`a[href="${chart}"]`) });
  assert.match(await stay.innerText(), /chỉ người được giao xem[^]*Hạn chế xem/);
  assert.deepEqual(await violations(ward.page), [], "the patient's page");
  await shot(ward.page, "patient");
  await visit(ward.page, chart, ".closed-chart");
  assert.match(await ward.page.innerText("main h1"), /chỉ người được giao mới xem/);
  assert.equal(await ward.page.locator("button", { hasText: "Giao người xem" }).count(), 0, "the director's alone");
  assert.deepEqual(await violations(ward.page), [], "a chart that is closed to her");
  await shot(ward.page, "closed");

  await ward.page.locator("button", { hasText: "Mở khẩn cấp" }).click();
  const urgent = dialog(ward.page, "bạn chưa được giao");
  await urgent.locator("[name=reason]").fill("Ngừng tuần hoàn, cần biết tiền sử");
  assert.deepEqual(await violations(ward.page), [], "the emergency");
  await urgent.locator("button", { hasText: "Mở hồ sơ" }).click();
  await ward.page.locator(".reading", { hasText: "hạn chế xem" }).waitFor();
  assert.ok((await ward.page.innerText(".banner")).includes(someone.diagnosis), "in an emergency she reads it");
  assert.equal(await ward.page.locator(".charttabs button", { hasText: "Chuyển giường" }).count(), 0, "and changes nothing");
  assert.deepEqual(await violations(ward.page), [], "a chart opened in an emergency");
  await shot(ward.page, "emergency");

  await asks(desk.page);
  const row = (name) => readers.locator("tbody tr").filter({ has: desk.page.locator("td:first-child", { hasText: name }) });
  await row(viet.name).locator("button").click();
  const sure = dialog(desk.page, "Thôi giao hồ sơ này?");
  await sure.locator("button[type=submit]").click();
  await sure.locator(".refusal").waitFor();
  assert.deepEqual(await violations(desk.page), [], "the last doctor stays");
  await shot(desk.page, "last-doctor");
  await sure.locator("button", { hasText: "Bỏ qua" }).click();
  await row(lan.name).locator("button").click();
  await sure.locator("button[type=submit]").click();
  await row(lan.name).waitFor({ state: "detached" });
  await pick(readers, "thu ha", ha.name);
  await readers.locator("button[type=submit]").click();
  await row(ha.name).waitFor();
  await readers.getByRole("status").filter({ hasText: ha.name }).first().waitFor();
  assert.deepEqual(await violations(desk.page), [], "readers who changed");
  await ward.page.reload();
  await ward.page.locator(".charttabs button", { hasText: "Chuyển giường" }).waitFor();
  assert.equal(await ward.page.locator(".reading").count(), 0, "assigned, she writes as before");

  const head = await enter("dung");
  await visit(head.page, chart, ".closed-chart");
  assert.equal(await head.page.locator("button", { hasText: "Mở khẩn cấp" }).count(), 0, "no emergency of the director's");
  await head.page.locator("button", { hasText: "Giao người xem" }).click();
  const list = dialog(head.page, "Người được xem hồ sơ này");
  await list.locator("tbody tr", { hasText: mai.name }).first().waitFor();
  const told = await list.innerText();
  assert.ok(!told.includes("HIV") && !told.includes(reason), "neither kind nor reason to who does not read");
  await pick(list, "thanh", thanh.name);
  assert.deepEqual(await violations(head.page), [], "the director assigns");
  await shot(head.page, "director");
  await list.locator("button[type=submit]").click();
  await list.locator("tbody tr td:first-child", { hasText: thanh.name }).waitFor();
  await head.page.keyboard.press("Escape");
  await head.page.waitForSelector(".closed-chart");

  const second = await enter(thanh.username);
  await second.page.waitForSelector(".bed");
  await visit(second.page, chart, ".banner");
  await asks(second.page);
  const hers = dialog(second.page, "Người được xem hồ sơ này");
  await hers.locator("b", { hasText: "Kết quả HIV" }).waitFor();
  await hers.locator("button", { hasText: "Bỏ hạn chế" }).click();
  const lifting = dialog(second.page, "Bỏ hạn chế xem hồ sơ này");
  await lifting.locator("[name=reason]").fill("Người bệnh đồng ý");
  assert.deepEqual(await violations(second.page), [], "lifting");
  await second.page.keyboard.press("Enter");
  await second.page.locator(".banner .tag.lock").waitFor({ state: "detached" });
  await visit(ward.page, "/", ".bed");
  await ward.page.reload();
  await card(ward.page, someone.encounterId).locator(".sub", { hasText: someone.diagnosis }).waitFor();
  for (const one of [desk, ward, head, second]) {
    assert.deepEqual(one.faults, []);
    await one.context.close();
  }
});
