import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adult, ask, firstWard, Keyboard, login, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const SET_KEYS = 24;
const SIGN_KEYS = 10;
const cell = (row, column) => `tbody[data-row="${row.encounterId}"] input[data-col=${column}]`;
const state = (row) => `tbody[data-row="${row.encounterId}"] td.st`;

async function atRound(role = "nurse") {
  const terminalOf = await terminal(browser);
  const user = await login(terminalOf.page, role);
  await visit(terminalOf.page, "/round", "table.obs");
  return { ...terminalOf, user };
}

// Clauses: SIG-13
test("a full set takes at most 24 keys and no mouse, and one PIN signs the round", async () => {
  const { page, context, faults, user } = await atRound();
  const row = await adult(page);
  const keys = new Keyboard(page);
  await page.focus(cell(row, "pulse"));
  await keys.enter("78", "368", "120", "80", "18", "97");
  // A suggestion is passed by Enter; where the last picture gave cause for doubt there is none, and it is typed.
  await keys.enter((await page.getAttribute(cell(row, "oxygen"), "placeholder")) ? "" : "0");
  await keys.enter((await page.getAttribute(cell(row, "acvpu"), "placeholder")) ? "" : "a");
  await keys.enter("");
  assert.ok(keys.count <= SET_KEYS, `${keys.count} keys`);
  await page.waitForSelector(`${state(row)}.done`);
  assert.equal(await page.inputValue(cell(row, "temp")), "36,8");
  assert.equal(await page.inputValue(cell(row, "bp")), "120/80");
  const [saved] = (await ask(page, `/encounters/${row.encounterId}/vitals`)).slice(-1);
  assert.equal(saved.news2.total, 0);

  // Before signing, a wrong figure is put right in its cell without a dialog.
  const fix = new Keyboard(page);
  await page.focus(cell(row, "pulse"));
  await fix.enter("82");
  await fix.press("ArrowDown");
  assert.ok(fix.count <= 5);
  const rows = async () => (await ask(page, `/wards/${(await firstWard(page)).id}/round`)).rows;
  await page.waitForFunction(async ([id, ward]) => {
    const round = await (await fetch(`/api/v1/wards/${ward}/round`)).json();
    return round.rows.find((one) => one.encounterId === id).unsigned.some((set) => set.values.some((value) => value.code === "pulse" && value.value === 82));
  }, [row.encounterId, (await firstWard(page)).id]);

  const sign = new Keyboard(page);
  await sign.press("F9");
  await page.waitForSelector("[role=dialog] [name=pin]");
  assert.match(await page.innerText("[role=dialog] table"), new RegExp(row.name));
  await sign.enter(user.pin);
  await page.waitForSelector("[role=dialog] .tag.good");
  assert.match(await page.innerText("[role=dialog] [role=status]"), /^Đã ký \d+ lần đo, lập lại \d+ phiếu theo dõi\.$/);
  assert.equal(await page.innerText("[role=dialog] .tag.good >> nth=0"), "đã ký");
  assert.ok(sign.count <= SIGN_KEYS, `${sign.count} keys`);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  const after = (await rows()).find((one) => one.encounterId === row.encounterId);
  assert.equal(after.unsigned.length, 0);
  assert.ok(after.previous.signature);
  assert.deepEqual(faults, []);
  await context.close();
});

// Clauses: T32-52.2a
test("the impossible is refused at the cell, the implausible asks why, and Esc takes it back", async () => {
  const { page, context } = await atRound();
  const row = await adult(page);
  const untouched = await page.inputValue(cell(row, "pulse"));
  const keys = new Keyboard(page);
  await page.focus(cell(row, "pulse"));
  await keys.enter("900");
  await page.waitForSelector(`tbody[data-row="${row.encounterId}"] .strip .loud`);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.col), "pulse", "the focus stays on the refused cell");
  await keys.press("Escape");
  await page.waitForSelector(`tbody[data-row="${row.encounterId}"] .strip`, { state: "detached" });
  assert.equal(await page.inputValue(cell(row, "pulse")), untouched);

  const { softHigh } = (await ask(page, "/vitals/ranges")).find((range) => range.code === "pulse");
  await keys.enter(String(softHigh + 5));
  await page.waitForFunction(() => document.activeElement.dataset.reason === "pulse");
  await keys.enter("rung nhi nhanh");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.col), "temp");
  await keys.press("ArrowDown");
  await page.waitForSelector(`${state(row)}.done`);
  const [saved] = (await ask(page, `/encounters/${row.encounterId}/vitals`)).slice(-1);
  assert.equal(saved.values.find((value) => value.code === "pulse").outOfRangeReason, "rung nhi nhanh");
  await context.close();
});

test("what was typed survives a lock and a dead network, and is saved once", async () => {
  const { page, context, user } = await atRound();
  const row = await adult(page);
  const count = async () => (await ask(page, `/encounters/${row.encounterId}/vitals`)).length;
  const before = await count();
  await page.focus(cell(row, "pulse"));
  await page.route("**/api/v1/encounters/*/vitals", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  const keys = new Keyboard(page);
  await keys.enter("88", "371");
  await keys.press("ArrowDown");
  await page.waitForSelector(`${state(row)}.bad`);
  await page.keyboard.press("F12");
  await page.waitForSelector("[name=pin]");
  await page.keyboard.type(user.pin);
  await page.waitForSelector(cell(row, "pulse"));
  assert.equal(await page.inputValue(cell(row, "pulse")), "88");
  assert.equal(await count(), before);
  await page.unroute("**/api/v1/encounters/*/vitals");
  await page.focus(cell(row, "pulse"));
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector(`${state(row)}.done`);
  assert.equal(await count(), before + 1);
  await context.close();
});

test("F7 refuses what the monitor measured, and the row asks for a measurement by hand", async () => {
  const { page, context } = await atRound();
  await page.waitForSelector("td.device input[data-col=pulse]");
  const id = await page.locator("tbody[data-row]", { has: page.locator("td.device") }).first().getAttribute("data-row");
  const row = { encounterId: id };
  const proposed = await page.inputValue(cell(row, "pulse"));
  assert.notEqual(proposed, "");
  await page.focus(cell(row, "pulse"));
  await page.keyboard.press("F7");
  await page.waitForSelector("[role=dialog] .btn kbd");
  await page.keyboard.press("1");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  const [set] = (await ask(page, `/encounters/${id}/vitals`)).filter((one) => one.status === "rejected").slice(-1);
  assert.equal(set.reason, "Tuột cảm biến hoặc nhiễu");
  await context.close();
});
