// A record form from the first word to an amendment, by the keyboard alone; a nurse reads it and fills it not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, login, occupants, openBrowser, person, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const RECORD = "01/BV1";
const place = (page) => page.evaluate(() => document.activeElement?.closest("[data-place]")?.getAttribute("data-place"));
const said = (page, words) => page.locator(".editnotice", { hasText: words }).waitFor();

/** A stay without this record, so that the test opens its own. */
async function withoutRecord(page) {
  for (const someone of await occupants(page)) {
    const entries = await ask(page, `/encounters/${someone.encounterId}/forms`);
    if (!entries.some((one) => one.number === RECORD && one.state !== "withdrawn")) return someone;
  }
  throw new Error(`everybody has a ${RECORD} already`);
}
async function signNow(page, pin) {
  await page.keyboard.press("F9");
  await page.waitForSelector("[role=dialog] [name=pin]");
  await page.keyboard.type(pin);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
}
/** The new form's editor, reached from the record by the keyboard. */
async function openRecord(page, stay) {
  await visit(page, `/chart/${stay}/forms`, ".record");
  await page.keyboard.press("F4");
  await page.waitForSelector("[role=dialog] [role=option]");
  await page.keyboard.type(RECORD.toLowerCase());
  await page.locator("[role=option][aria-selected=true]", { hasText: RECORD }).waitFor();
  assert.deepEqual(await violations(page), [], "the picker");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".formbody");
}

test("a doctor fills, signs and amends a record form without a mouse; unsaved words live through a reload and a lock", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const doctor = await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = await withoutRecord(page);
  await openRecord(page, someone.encounterId);
  const sheet = (await page.evaluate(() => location.pathname)).replace(/\/edit$/, "");
  await page.locator(".prefilled input").first().waitFor();
  assert.deepEqual(await violations(page), [], "the editor");

  // What is missing is counted, and F8 goes there.
  const missing = Number(await page.innerText(".missing.loud h3 b"));
  assert.ok(missing > 0);
  await page.keyboard.press("F8");
  const first = await place(page);
  await page.keyboard.type("Khó thở hai ngày nay");
  await page.waitForFunction((was) => Number(document.querySelector(".missing.loud h3 b")?.textContent ?? 0) < was, missing);
  await page.keyboard.press("Enter");
  assert.notEqual(await place(page), first, "Enter goes on to the next field");

  await page.reload();
  await page.waitForSelector(".formbody");
  assert.equal(await page.inputValue(`[data-place="${first}"] :is(input, textarea)`), "Khó thở hai ngày nay");
  await page.keyboard.press("F12");
  await page.waitForSelector("[name=pin]");
  await page.keyboard.type(doctor.pin);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".formbody");
  assert.equal(await page.inputValue(`[data-place="${first}"] :is(input, textarea)`), "Khó thở hai ngày nay");

  // A figure that cannot be is told at its field, and not sent.
  const pulse = page.locator("[data-place=pulse] input");
  await pulse.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("nhanh");
  await page.keyboard.press("Control+s");
  await page.waitForSelector("[data-place=pulse] .wrong");
  assert.equal(await place(page), "pulse");
  assert.deepEqual(await violations(page), [], "a field that cannot be read");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("104");
  await page.keyboard.press("Control+s");
  await said(page, "Đã lưu lúc");
  assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("benhan.draft")).length), 0);

  // Whatever else a signature needs, one after the other.
  for (let n = await page.locator(".missing.loud li").count(); n > 0; n -= 1) {
    await page.keyboard.press("F8");
    await page.keyboard.type("Đã khám");
  }
  await signNow(page, doctor.pin);
  await page.waitForSelector(".sheetside .signature");
  assert.match(await page.innerText(".sheetside .signature >> nth=0"), new RegExp(doctor.name));
  assert.deepEqual(await violations(page), [], "the signed sheet");
  const pdf = await page.evaluate(async (url) => {
    const answer = await fetch(url);
    const read = new TextDecoder("latin1").decode(await answer.arrayBuffer());
    return { head: read.slice(0, 5), signed: read.includes("/ByteRange"), frame: answer.headers.get("x-frame-options") };
  }, await page.getAttribute(".sheethead a[target=_blank]", "href"));
  assert.deepEqual(pdf, { head: "%PDF-", signed: true, frame: "SAMEORIGIN" });

  // Once it is signed, a change asks why, and the version says it.
  await page.locator(".sheethead a", { hasText: "Sửa" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog] [name=reason]");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog] [role=alert]");
  await page.keyboard.type("bổ sung mạch đo lại");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".formbody");
  await pulse.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("98");
  await page.keyboard.press("Control+s");
  await said(page, "Đã lưu lúc");
  await page.locator(".sheethead a", { hasText: "Đóng" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".sheetversions summary");
  await page.focus(".sheetversions summary");
  await page.keyboard.press("Enter");
  await page.locator(".sheetversions li", { hasText: "bổ sung mạch đo lại" }).waitFor();
  assert.ok((await page.locator(".sheetversions li .signature").count()) > 0, "the signed version is still there");

  // A nurse reads it, and fills no record.
  const ward = await terminal(browser);
  await login(ward.page, "nurse");
  await visit(ward.page, sheet, ".formsheet .sheetside");
  assert.equal(await ward.page.locator(".sheethead .btn.p, .sheethead a[href$='/edit']").count(), 0);
  await ward.page.keyboard.press("F4");
  await ward.page.locator("[role=option][aria-disabled=true]", { hasText: RECORD }).waitFor();
  for (const one of [context, ward.context]) await one.close();
  assert.deepEqual([...faults, ...ward.faults], []);
});

test("leaving unsaved words is asked about, and logging out leaves none of them behind", async () => {
  const { page, context } = await terminal(browser, { audit: true });
  await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = await withoutRecord(page);
  await openRecord(page, someone.encounterId);
  await page.keyboard.press("F8");
  await page.keyboard.type("Sốt");
  await page.click(".charttabs a >> nth=1");
  await page.waitForSelector("[role=dialog]");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  await page.click(".charttabs a >> nth=1");
  await page.locator("[role=dialog] .btn", { hasText: "Rời, chưa lưu" }).click();
  await page.waitForSelector(".notes");
  await visit(page, `/chart/${someone.encounterId}/forms`, ".formtree");
  await page.locator(".formtree .tag", { hasText: "chưa lưu" }).waitFor();
  await page.getByRole("button", { name: "Đăng xuất" }).click();
  // It says what would be lost; the way back has the focus.
  await page.locator("[role=dialog]", { hasText: "1 phiếu" }).waitFor();
  await page.locator("[role=dialog] .btn.danger").click();
  await page.waitForSelector("[name=username]");
  assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("benhan.draft")).length), 0);
  await context.close();
});

// Two people at one sheet: the second hears whose version stands, and loses no word.
test("two doctors write over the same version; the later one compares and keeps their words", async () => {
  const a = await terminal(browser, { audit: true });
  const b = await terminal(browser, { audit: true });
  assert.ok(person("doctor"));
  await login(a.page, "doctor");
  await login(b.page, "doctor");
  await a.page.waitForSelector(".bed");
  const someone = await withoutRecord(a.page);
  await openRecord(a.page, someone.encounterId);
  const edit = await a.page.evaluate(() => location.pathname);
  await visit(b.page, edit, ".formbody");
  await a.page.keyboard.press("F8");
  await a.page.keyboard.type("Sốt");
  await b.page.focus("[data-place=reason] input");
  await b.page.keyboard.type("Sốt, ho");
  await a.page.keyboard.press("Control+s");
  await said(a.page, "Đã lưu lúc");
  await b.page.keyboard.press("Control+s");
  await b.page.waitForSelector("[role=dialog] .stalelist");
  assert.match(await b.page.innerText(".stalelist tbody"), /cả hai cùng sửa[\s\S]*Sốt[\s\S]*Sốt, ho/);
  assert.deepEqual(await violations(b.page), [], "the comparison");
  await b.page.locator(".stalelist input[type=checkbox]").first().check();
  await b.page.locator("[role=dialog] .btn.p").click();
  await b.page.waitForSelector("[role=dialog]", { state: "detached" });
  await b.page.keyboard.press("Control+s");
  await said(b.page, "Đã lưu lúc");
  assert.equal(await b.page.inputValue("[data-place=reason] input"), "Sốt, ho");
  for (const { context, faults } of [a, b]) {
    await context.close();
    assert.deepEqual(faults, []);
  }
});
