// A doctor ends a record once nothing is open any more; the record room archives it and holds it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { firstWard, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** What this person's browser sends by itself elsewhere. */
function tell(page, path, body) {
  return page.evaluate(async ([to, what]) => {
    const session = await (await fetch("/api/v1/auth/session")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": session.csrf };
    return (await fetch(`/api/v1${to}`, { method: "POST", headers, body: JSON.stringify(what) })).json();
  }, [path, body]);
}

async function enters(role) {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const user = await login(page, role);
  return { page, context, faults, user };
}

// Clauses: C46-2, C46-3.2b, C46-13.2, KCB-69.2
test("the checklist says what is open, the doctor ends the record, the head confirms, the record room archives and holds it", async () => {
  const ward = await enters("nurse");
  const { id: wardId } = await firstWard(ward.page);
  const name = `Trịnh Văn Lưu ${Date.now()}`;
  const patient = await tell(ward.page, "/patients", { name, birthDate: "1958-03-12", sex: "male" });
  const stay = await tell(ward.page, `/patients/${patient.id}/encounters`, { wardId, diagnosis: "Viêm phổi" });
  const pulse = { effectiveAt: new Date().toISOString(), values: [{ code: "pulse", value: 82 }] };
  const set = await tell(ward.page, `/encounters/${stay.id}/vitals`, pulse);
  await tell(ward.page, `/encounters/${stay.id}/notes`, { effectiveAt: new Date().toISOString(), course: "Đỡ ho", care: "Theo dõi" });

  const desk = await enters("doctor");
  const chart = `/chart/${stay.id}/record`;
  await visit(desk.page, chart, ".checklist li");
  assert.equal(await desk.page.locator(".checklist li").count(), 4, "still here, a set, a note, no sheet");
  assert.match(await desk.page.locator(".checklist").innerText(), new RegExp(ward.user.name), "whose it is");
  assert.equal(await desk.page.locator(".recordpart h2 .btn.p").count(), 0, "nothing to press before that");
  assert.deepEqual(await violations(desk.page), [], "the checklist");
  await desk.page.getByRole("link", { name: "Mở Chăm sóc" }).click();
  await desk.page.waitForSelector(".notes li");
  const [note] = await desk.page.evaluate(async (id) => (await fetch(`/api/v1/encounters/${id}/notes`)).json(), stay.id);

  const { pin } = ward.user;
  await tell(ward.page, "/vitals/unsigned/sign", { pin, setIds: [set.id] });
  await tell(ward.page, `/notes/${note.id}/sign`, { pin });
  await tell(desk.page, `/encounters/${stay.id}/discharge`, { outcome: "home" });
  await visit(desk.page, chart, ".allgood");
  await desk.page.locator(".recordpart h2 .btn.p").focus();
  await desk.page.keyboard.press("Enter");
  await desk.page.waitForSelector("[role=dialog]");
  assert.deepEqual(await violations(desk.page), [], "the closing dialog");
  await desk.page.getByLabel("Tai nạn giao thông").check();
  await desk.page.locator("[role=dialog] .btn.p").click();
  await desk.page.locator(".recordpart h2 .tag", { hasText: "đã kết thúc" }).waitFor();
  const year = new Date(Date.now() + 7 * 3_600_000).getUTCFullYear();
  assert.match(await desk.page.locator(".recordpart .facts").innerText(), new RegExp(`31/12/${year + 20}`));
  const refused = await tell(ward.page, `/encounters/${stay.id}/vitals`, pulse);
  assert.equal(refused.code, "record-closed");

  const head = await enters("director");
  await head.page.locator("nav.rail a", { hasText: "Xác nhận" }).click();
  const waits = head.page.locator(".confirmations tbody tr", { hasText: name });
  await waits.waitFor();
  assert.match(await waits.innerText(), /đã kết thúc\s+3\s/, "a set, its sheet, a note");
  assert.deepEqual(await violations(head.page), [], "what waits to be confirmed");
  await waits.getByRole("checkbox").focus();
  await head.page.keyboard.press("Space");
  await head.page.keyboard.press("F9");
  await head.page.waitForSelector("[role=dialog] .pin");
  assert.deepEqual(await violations(head.page), [], "the confirming dialog");
  await head.page.keyboard.type("000000");
  await head.page.keyboard.press("Enter");
  await head.page.waitForSelector("[role=dialog] .refusal");
  await head.page.keyboard.type(head.user.pin);
  await head.page.keyboard.press("Enter");
  await head.page.locator(".confirmanswer", { hasText: "Đã xác nhận 1 hồ sơ, 3 chữ ký" }).waitFor();
  await waits.waitFor({ state: "detached" });
  const sheet = await head.page.locator(".confirmanswer a").first().getAttribute("href");
  const shown = await head.page.evaluate(async (url) => (await (await fetch(url)).text()).slice(0, 5), sheet);
  assert.equal(shown, "%PDF-");

  const room = await enters("record-room");
  await visit(room.page, "/archive", ".archivelist");
  const row = room.page.locator(".archivelist tr", { hasText: name });
  await row.getByRole("button", { name: /Lưu trữ/ }).click();
  await room.page.waitForSelector("[role=dialog]");
  assert.deepEqual(await violations(room.page), [], "the archiving dialog");
  await room.page.locator("[role=dialog] .btn.p").click();
  await room.page.locator(".bar [role=status]", { hasText: /Đã lưu trữ \d\d-LT\d{6}/ }).waitFor();
  await row.waitFor({ state: "detached" });
  await room.page.locator(".bar .chip", { hasText: "Đã lưu trữ" }).click();
  await row.waitFor();
  assert.match(await row.innerText(), /Chưa đến hạn/);
  assert.deepEqual(await violations(room.page), [], "the archive");
  await row.getByRole("link", { name: /Xem/ }).click();
  await room.page.locator(".lifelist .sha").first().waitFor();
  assert.equal(await room.page.getByRole("button", { name: "Mở lại" }).count(), 0, "nobody opens it any more");

  await room.page.getByRole("button", { name: "Giữ hồ sơ" }).click();
  await room.page.locator("[role=dialog] [name=reason]").fill("Quyết định 12/2026/QĐ-TA");
  await room.page.locator("[role=dialog] .btn.p").click();
  await room.page.locator(".lifelist li", { hasText: "Yêu cầu của tòa án" }).waitFor();
  assert.deepEqual(await violations(room.page), [], "an archived record that is held");
  await room.page.getByRole("button", { name: "Gỡ giữ" }).click();
  await room.page.locator("[role=dialog] [name=reason]").fill("Đã xét xử xong");
  await room.page.locator("[role=dialog] .btn.danger").click();
  await room.page.locator(".lifelist li", { hasText: "Đã xét xử xong" }).waitFor();
  for (const { context, faults } of [ward, desk, head, room]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
});
