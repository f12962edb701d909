// An inspector reads records on the screen: the record room gives an account on a granted request, the inspector sees that
// record and nothing else, another request opens to the same account, and each is refused once the record room ends it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { BASE, firstWard, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `reading-${name}.png`) });
const OWN = "Một câu dài của thanh tra 7";

/** What this person's browser sends by itself elsewhere. */
function tell(page, path, body) {
  return page.evaluate(async ([to, what]) => {
    const session = await (await fetch("/api/v1/auth/session")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": session.csrf };
    const answer = await fetch(`/api/v1${to}`, { method: "POST", headers, body: JSON.stringify(what) });
    return answer.status === 204 ? null : answer.json();
  }, [path, body]);
}
async function opens() {
  const { page, context, faults } = await terminal(browser, { audit: true });
  await page.setViewportSize({ width: 1366, height: 768 });
  return { page, context, faults };
}
async function enters(role) {
  const desk = await opens();
  return { ...desk, user: await login(desk.page, role) };
}
async function signIn(page, { username, password }) {
  await page.fill("[name=username]", username);
  await page.fill("[name=password]", password);
  await page.keyboard.press("Enter");
}
const dialog = (page, title) => page.locator("[role=dialog]", { hasText: title });
/** The record room looks at a request. */
async function looksAt({ page }, { number }) {
  await page.getByRole("button", { name: `Xem ${number}` }).click();
  return dialog(page, `Yêu cầu ${number}`);
}
async function ends(room, request, name) {
  const one = await looksAt(room, request);
  await one.getByText("Đọc gần nhất").waitFor();
  // What the page knew of the request stands until it has asked again.
  await one.getByText("chưa đọc lần nào").waitFor({ state: "detached" });
  await one.getByRole("button", { name: "Thôi cho đọc" }).click();
  const end = dialog(room.page, `Thôi cho ${name} đọc?`);
  await end.locator("button[type=submit]").click();
  await end.getByText("Ghi lý do.").waitFor();
  await end.locator("[name=reason]").fill("Đã thanh tra xong");
  assert.deepEqual(await violations(room.page), [], "ending it");
  await end.locator("button[type=submit]").click();
  await one.locator(".tag", { hasText: "thôi được đọc" }).waitFor();
  await shot(room.page, "ended-room");
  await room.page.keyboard.press("Escape");
  await one.waitFor({ state: "detached" });
}

/** A record with a signed sheet in the archive, from which alone an office gets anything, and a request of an inspector for
 *  it that the director has granted. */
async function granted({ ward, desk, room, head }, name) {
  const stamp = Date.now();
  const { id: wardId } = await firstWard(ward.page);
  const patient = await tell(ward.page, "/patients", { name: `Đặng Thị Hồ ${stamp}`, birthDate: "1961-05-02", sex: "female" });
  const stay = await tell(ward.page, `/patients/${patient.id}/encounters`, { wardId, diagnosis: "Viêm phổi" });
  const set = await tell(ward.page, `/encounters/${stay.id}/vitals`, { effectiveAt: new Date().toISOString(), values: [{ code: "pulse", value: 82 }] });
  await tell(ward.page, "/vitals/unsigned/sign", { pin: ward.user.pin, setIds: [set.id] });
  await tell(desk.page, `/encounters/${stay.id}/discharge`, { outcome: "home" });
  await tell(desk.page, `/encounters/${stay.id}/record/close`, { grounds: [] });
  const confirmed = await tell(head.page, "/confirmations", { encounterIds: [stay.id], pin: head.user.pin });
  assert.equal(confirmed.confirmed.length, 1, JSON.stringify(confirmed));
  const life = await tell(room.page, `/encounters/${stay.id}/record/archive`, null);
  assert.equal(life.state, "archived", JSON.stringify(life));
  const papers = { organisation: "Thanh tra Sở Y tế", identity: "Thẻ thanh tra 079-11", paper: "Quyết định 41/QĐ-TTr", ground: "Điểm c khoản 4 Điều 69", purpose: "Thanh tra chuyên ngành" };
  const request = await tell(room.page, `/encounters/${stay.id}/record-requests`, { requester: "inspection", name, ...papers, extent: "record", copy: false });
  const until = new Date(stamp + 7 * 86_400_000 - 60_000).toISOString();
  const decided = await tell(head.page, `/record-requests/${request.id}/decide`, { grant: true, extent: "record", copy: false, until, words: "Đúng thẩm quyền" });
  assert.equal(decided.state, "granted", JSON.stringify(decided));
  return { patient, request };
}

// Clauses: C46-7.1, KCB-69.4a
test("an inspector reads what was granted on the screen, nothing else, and no longer once it is ended", async () => {
  const name = `Trần Thị Soi ${Date.now()}`;
  const staff = { ward: await enters("nurse"), desk: await enters("doctor"), room: await enters("record-room"), head: await enters("director") };
  const { room } = staff;
  const [{ patient, request }, other] = [await granted(staff, name), await granted(staff, name)];

  await visit(room.page, "/requests", ".requests-lead");
  const one = await looksAt(room, request);
  await one.getByText("Chưa cho ai đọc trên màn hình.").waitFor();
  await one.getByRole("button", { name: "Cho đọc trên màn hình" }).click();
  const give = dialog(room.page, `Cho ${name} đọc trên màn hình`);
  const proposed = await give.locator("[name=username]").inputValue();
  assert.match(proposed, /^tran\.thi\.soi\.\d+$/);
  await give.locator("[name=username]").fill("");
  await give.locator("button[type=submit]").click();
  await give.getByText("Ghi tên đăng nhập.").waitFor();
  await give.locator("[name=username]").fill(proposed);
  assert.deepEqual(await violations(room.page), [], "who may read");
  await shot(room.page, "give");
  await give.locator("button[type=submit]").click();
  const slip = dialog(room.page, `Giao tài khoản cho ${name}`);
  const password = await slip.locator("code").innerText();
  assert.ok(password.length >= 14 && [/[a-z]/, /[A-Z]/, /\d/, /-/].every((kind) => kind.test(password)), "long, of four kinds");
  assert.deepEqual(await violations(room.page), [], "what is handed over");
  await shot(room.page, "hand-over");
  await room.page.keyboard.press("Escape");
  await slip.getByRole("button", { name: "Đã giao" }).click();
  await one.locator(".tag.good", { hasText: "đang được đọc" }).waitFor();
  await one.getByText("chưa đọc lần nào").waitFor();
  assert.ok(!(await room.page.content()).includes(password), "the password is shown once");
  assert.deepEqual(await violations(room.page), [], "who reads");
  await shot(room.page, "reader");
  await room.page.keyboard.press("Escape");

  const inspector = await opens();
  const { page } = inspector;
  await page.goto(BASE);
  await signIn(page, { username: proposed, password });
  await page.waitForSelector("[name=again]");
  for (const [field, text] of [["password", password], ["first", OWN], ["again", OWN]]) await page.fill(`[name=${field}]`, text);
  await page.keyboard.press("Enter");
  const sheets = page.locator(".picklist button");
  await sheets.first().waitFor();
  assert.match(await page.innerText(".bar"), new RegExp(`Hồ sơ được đọc\\s+${patient.name}`), "the only one is opened at once");
  assert.match(await page.innerText(".facts"), new RegExp(`${request.number}[^]*còn 7 ngày`));
  assert.match(await page.innerText(".top"), new RegExp(name));
  assert.equal(await page.locator("nav.rail, .top .search, .top select, .top .me").count(), 0, "nothing of the staff's");
  assert.deepEqual(await violations(page), [], "what may be read");

  const title = await sheets.first().locator("b").innerText();
  await sheets.first().focus();
  const [pdf] = await Promise.all([page.waitForResponse((answer) => /\/reading\/[^/]+\/sheets\/[^/]+$/.test(new URL(answer.url()).pathname)), page.keyboard.press("Enter")]);
  assert.equal(pdf.status(), 200);
  assert.match(pdf.headers()["content-type"], /^application\/pdf/);
  await page.locator(`iframe.pdfview[title="Bản đọc của ${title}"]`).waitFor();
  assert.equal(await sheets.first().getAttribute("aria-current"), "page");
  assert.equal(await page.locator("main a[download], main a[target=_blank]").count(), 0, "nothing offers a copy");
  assert.deepEqual(await violations(page), [], "a sheet");
  await shot(page, "sheet");
  await page.getByRole("button", { name: "Chuyển nền tối" }).click();
  await page.waitForSelector("html[data-theme=dark]");
  assert.deepEqual(await violations(page), [], "a sheet in the dark");
  await shot(page, "dark");
  await page.getByRole("button", { name: "Chuyển nền sáng" }).click();

  const sheetAt = page.url();
  await page.goto(`${BASE}/patients`);
  await page.getByText("Tài khoản này chỉ đọc những hồ sơ được cho đọc.").waitFor();
  assert.equal(await page.locator("[name=patient-search], nav.rail").count(), 0);
  assert.equal(await page.evaluate(async () => (await fetch("/api/v1/record-requests")).status), 403, "the server says so too");
  assert.deepEqual(await violations(page), [], "an address of the staff");
  await shot(page, "elsewhere");

  await page.goto(sheetAt);
  await page.waitForSelector("iframe.pdfview");
  await page.keyboard.press("F12");
  await page.getByRole("button", { name: "Đăng nhập lại" }).waitFor();
  assert.ok(!(await page.content()).includes(patient.name), "a name stayed behind the lock");
  assert.deepEqual(await violations(page), [], "the lock without a PIN");
  await page.getByRole("button", { name: "Đăng nhập lại" }).click();
  await page.waitForSelector("[name=username]");
  await signIn(page, { username: proposed, password: OWN });
  await page.waitForSelector("iframe.pdfview");
  assert.equal(page.url(), sheetAt, "the same sheet is there again");

  const again = await looksAt(room, other.request);
  await again.getByRole("button", { name: "Cho đọc trên màn hình" }).click();
  const account = dialog(room.page, `Cho ${name} đọc trên màn hình`);
  await account.locator("[name=account]").selectOption({ label: `${name} (${proposed})` });
  assert.deepEqual(await violations(room.page), [], "an account that there is");
  await account.locator("button[type=submit]").click();
  await again.locator(".tag.good", { hasText: "đang được đọc" }).waitFor();
  await room.page.keyboard.press("Escape");
  await page.goto(BASE);
  const open = page.getByRole("link", { name: `Đọc hồ sơ của ${other.patient.name}` });
  await open.waitFor();
  assert.equal(await page.locator("tbody tr").count(), 2);
  assert.deepEqual(await violations(page), [], "two to choose from");
  await shot(page, "list");
  await open.click();
  await sheets.first().click();
  await page.waitForSelector("iframe.pdfview");
  await page.goto(sheetAt);
  await page.waitForSelector("iframe.pdfview");

  await ends(room, request, name);
  await sheets.first().click();
  await page.locator("h1", { hasText: "Bạn không còn được đọc hồ sơ này" }).waitFor();
  assert.equal(await page.locator("iframe").count(), 0, "the sheet is off the screen");
  assert.deepEqual(await violations(page), [], "no longer");
  await shot(page, "ended");
  await page.getByRole("link", { name: "Về «Hồ sơ được đọc»" }).click();
  await page.locator(".bar", { hasText: other.patient.name }).waitFor();

  // With the last one the account ends too: whoever reads is told whom to ask, here or at the door.
  await ends(room, other.request, name);
  await sheets.first().click();
  await page.getByText("hỏi phòng lưu trữ hồ sơ").waitFor();
  assert.equal(await page.locator("iframe, .picklist").count(), 0);
  assert.ok(!(await page.content()).includes(other.patient.name), "nothing of the record is left");
  assert.deepEqual(await violations(page), [], "nothing to read");
  await shot(page, "over");
  for (const { faults, context } of [...Object.values(staff), inspector]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
});
