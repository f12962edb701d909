// A hospital that keeps doctors to their own patients: one names a colleague in a stay and lets them go, puts one on duty for
// the ward, finds who asks for them, and meets a chart that is closed to them. The demo hospital is not set so; its
// server keeps the lists all the same, so the session is told as it would be, and the refusal as it would come.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { ask, BASE, demo, firstWard, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `treatment-${name}.png`) });

/** As the server says it of anybody in a hospital that has set it so; `wards` may leave some out. */
async function keptToOwn(page, wards) {
  await page.route("**/api/v1/auth/*", async (route) => {
    const answer = await route.fetch();
    const session = await answer.json().catch(() => null);
    await route.fulfill(session?.user ? { response: answer, json: { ...session, treatmentScope: true, wards: wards(session.wards) } } : { response: answer });
  });
}
const asIs = (wards) => wards;
async function enter(username, { kept = true, wards = asIs } = {}) {
  const { page, context, faults } = await terminal(browser, { audit: true });
  await page.setViewportSize({ width: 1366, height: 768 });
  if (kept) await keptToOwn(page, wards);
  const user = demo.users.find((one) => one.username === username);
  await page.goto(BASE);
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav.rail");
  if (wards === asIs) await page.waitForSelector(".bed");
  return { page, context, faults, user };
}
async function leave(...people) {
  for (const one of people) {
    assert.deepEqual(one.faults, []);
    // The board asks for its session again by itself, and may do so now.
    await one.page.unrouteAll({ behavior: "ignoreErrors" });
    await one.context.close();
  }
}
const dialog = (page, title) => page.locator("[role=dialog]", { hasText: title });
const row = (box, name) => box.locator("tbody tr", { hasText: name });

/** The one whom the server offers first, found by name and taken by Enter. */
async function pick(box, { name }) {
  const finder = box.getByRole("combobox");
  await finder.fill(name);
  await box.locator("[role=option][aria-selected=true]", { hasText: name }).waitFor();
  await finder.press("Enter");
  await box.getByRole("button", { name: `Bỏ chọn ${name}` }).waitFor();
}

test("where doctors read everybody, nothing asks who treats whom", async () => {
  const viet = await enter("viet", { kept: false });
  const [someone] = await occupants(viet.page);
  assert.equal(await viet.page.locator(".bar button", { hasText: "Trực" }).count(), 0);
  await visit(viet.page, `/chart/${someone.encounterId}`, ".charttabs button");
  assert.equal(await viet.page.locator(".charttabs button", { hasText: "Bác sĩ điều trị" }).count(), 0);
  await leave(viet);
});

test("a doctor names a colleague in a stay, and lets them go", async () => {
  const viet = await enter("viet");
  const { page } = viet;
  const someone = (await occupants(page)).filter((one) => one.alone && !one.restricted).at(-2);
  await visit(page, `/chart/${someone.encounterId}`, ".banner");
  await page.locator(".charttabs button", { hasText: "Bác sĩ điều trị" }).click();
  const box = dialog(page, "Bác sĩ điều trị và hội chẩn");
  await box.locator("p", { hasText: "Chưa có bác sĩ nào được ghi tên" }).waitFor();
  await box.locator("[role=option]").first().waitFor();
  assert.deepEqual(await violations(page), [], "nobody is named");
  await shot(page, "nobody");
  await box.locator("button[type=submit]").click();
  await box.locator(".refusal", { hasText: "Chọn một bác sĩ" }).waitFor();

  const [colleague] = await ask(page, `/encounters/${someone.encounterId}/treating/candidates`);
  await pick(box, colleague);
  await box.getByLabel("Điều trị", { exact: true }).check();
  await shot(page, "naming");
  await box.locator("button[type=submit]", { hasText: "Ghi tên điều trị" }).click();
  await row(box, colleague.name).waitFor();
  assert.match(await row(box, colleague.name).innerText(), new RegExp(`Điều trị[^]*${viet.user.name}`));
  await box.getByRole("status").filter({ hasText: colleague.name }).first().waitFor();
  assert.deepEqual(await violations(page), [], "who is named");
  await shot(page, "named");

  await row(box, colleague.name).locator("button").click();
  const sure = dialog(page, "Thôi mời bác sĩ này?");
  await sure.waitFor();
  assert.deepEqual(await violations(page), [], "before it ends");
  await sure.locator("button[type=submit]").click();
  await row(box, colleague.name).waitFor({ state: "detached" });
  await box.locator("p", { hasText: "Chưa có bác sĩ nào được ghi tên" }).waitFor();
  await page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
  await leave(viet);
});

test("a doctor is put on duty until the morning, the board says whom to call, and duty ends before its time", async () => {
  const viet = await enter("viet");
  const { page } = viet;
  const ward = await firstWard(page);
  await page.locator(".bar button", { hasText: "Trực khoa" }).click();
  const box = dialog(page, `Trực khoa: ${ward.name}`);
  await box.locator("[role=option]").first().waitFor();
  assert.match(await box.locator("[name=from]").inputValue(), /^\d\d:\d\d \d\d\/\d\d\/\d{4}$/, "from now");
  assert.match(await box.locator("[name=until]").inputValue(), /^07:00 \d\d\/\d\d\/\d{4}$/, "until the morning");
  assert.deepEqual(await violations(page), [], "nobody covers the ward");
  await shot(page, "duty");

  const [colleague] = await ask(page, `/wards/${ward.id}/duty/candidates`);
  await pick(box, colleague);
  const usual = await box.locator("[name=until]").inputValue();
  await box.locator("[name=until]").fill("07:00 01/01/2020");
  await box.locator("button[type=submit]").click();
  await box.locator(".refusal", { hasText: "Giờ đến phải sau giờ từ" }).waitFor();
  await box.locator("[name=until]").fill(usual);
  await box.locator("button[type=submit]").click();
  await row(box, colleague.name).locator(".tag", { hasText: "đang trực" }).waitFor();
  assert.deepEqual(await violations(page), [], "who covers the ward");
  await shot(page, "on-duty");
  await page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
  await page.locator(".bar button", { hasText: `Trực: ${colleague.name}` }).waitFor();

  const ha = await enter("ha");
  await ha.page.locator(".bar button", { hasText: `Trực: ${colleague.name}` }).waitFor();
  assert.deepEqual(await violations(ha.page), [], "the board of a nurse");
  await shot(ha.page, "board");

  await page.locator(".bar button", { hasText: "Trực:" }).click();
  await row(box, colleague.name).locator("button").click();
  const sure = dialog(page, "Thôi trực?");
  await sure.locator("button[type=submit]").click();
  await row(box, colleague.name).waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await box.waitFor({ state: "detached" });
  await page.locator(".bar button", { hasText: "Trực khoa" }).waitFor();
  await leave(viet, ha);
});

/** One stay as the list of those says it in which somebody is named. */
async function askedFor(page, someone) {
  const stay = { encounterId: someone.encounterId, patientName: someone.name, patientCode: someone.patientCode, ward: { id: "other", code: "HSTC", name: "Hồi sức tích cực" }, bed: "H02", part: "consult", since: new Date().toISOString() };
  await page.route("**/api/v1/treating/mine", (route) => route.fulfill({ json: [stay] }));
}

test("who is asked for a patient of another ward finds them on the board", async () => {
  const thanh = await enter("thanh");
  const { page } = thanh;
  assert.equal(await page.locator("nav.asked").count(), 0, "nobody asks yet");
  const [someone] = await occupants(page);
  await askedFor(page, someone);
  await page.reload();
  const link = page.locator("nav.asked a", { hasText: someone.name });
  assert.match(await link.innerText(), /Hội chẩn · Hồi sức tích cực · H02/);
  assert.deepEqual(await violations(page), [], "the board");
  await shot(page, "asked");
  await link.click();
  await page.waitForSelector(".banner");
  assert.equal(new URL(page.url()).pathname, `/chart/${someone.encounterId}`);
  await leave(thanh);
});

test("a chart that is closed to a doctor says whom to ask, and opens once they are named", async () => {
  const viet = await enter("viet");
  const { page } = viet;
  const [someone] = await occupants(page);
  const chart = `**/api/v1/encounters/${someone.encounterId}`;
  const problem = { type: "about:blank", title: "forbidden", status: 403, code: "forbidden", detail: "Bạn không có quyền làm việc này ở đây." };
  await page.route(chart, (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }));
  await visit(page, `/chart/${someone.encounterId}`, ".closed-chart");
  assert.match(await page.innerText(".closed-chart"), /không thuộc khoa[^]*nhờ bác sĩ của khoa đó[^]*Mở khẩn cấp/);
  assert.deepEqual(await violations(page), [], "a closed chart");
  await shot(page, "closed");
  await page.locator("button", { hasText: "Mở khẩn cấp" }).click();
  const urgent = dialog(page, "Truy cập khẩn cấp");
  await urgent.locator("[name=reason]").waitFor();
  assert.deepEqual(await violations(page), [], "the emergency");
  await page.keyboard.press("Escape");
  await urgent.waitFor({ state: "detached" });

  await page.unroute(chart);
  await page.locator(".closed-chart button", { hasText: "Thử lại" }).click();
  await page.waitForSelector(".banner");
  await leave(viet);
});

test("a doctor without a ward finds who asks for them, and the ward that they cover from now on", async () => {
  const viet = await enter("viet");
  const [someone] = await occupants(viet.page);
  let covering = false;
  const thanh = await enter("thanh", { wards: (all) => (covering ? all : []) });
  const { page } = thanh;
  await askedFor(page, someone);
  await page.reload();
  await page.locator(".empty-state", { hasText: "chưa được phân khoa" }).waitFor();
  await page.locator("nav.asked a", { hasText: someone.name }).waitFor();
  assert.deepEqual(await violations(page), [], "no ward");
  await shot(page, "no-ward");
  await page.locator("nav.asked a").click();
  await page.waitForSelector(".banner");
  covering = true;
  await visit(page, "/", ".bed");
  await page.locator("nav.asked a", { hasText: someone.name }).waitFor();
  await leave(viet, thanh);
});
