import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adult, ask, login, occupants, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** A patient with a set of our own making, so that the test may correct it. */
async function charted(page) {
  const row = await adult(page);
  await visit(page, "/round", "table.obs");
  await page.focus(`tbody[data-row="${row.encounterId}"] input[data-col=pulse]`);
  await page.keyboard.type("91");
  await page.keyboard.press("Enter");
  await page.keyboard.type("372");
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector(`tbody[data-row="${row.encounterId}"] td.st.done`);
  return row;
}

test("the chart draws its curve and has a table that says the same", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "nurse");
  const row = await charted(page);
  await visit(page, `/chart/${row.encounterId}`, ".curve svg path");
  assert.match(await page.innerText(".banner .who"), new RegExp(row.name.toLocaleUpperCase("vi")));
  assert.ok((await page.getAttribute(".curve path[fill='var(--pulse)']", "d")).length > 10);
  await page.click(".tpr > h2 .btn");
  await page.waitForSelector(".settable tbody tr");
  assert.match(await page.innerText(".settable tbody tr >> nth=0"), /91/);
  assert.deepEqual(faults, []);
  await context.close();
});

test("a correction keeps the old value, struck through, with its reason", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  const row = await charted(page);
  await visit(page, `/chart/${row.encounterId}`, ".tpr");
  await page.click(".tpr > h2 .btn");
  await page.click(".settable tbody tr >> nth=0 >> button");
  await page.click("[role=dialog] .actions .btn:not(.p) >> nth=0");
  await page.waitForSelector("[role=dialog] [name=reason]");
  const pulse = page.locator("[role=dialog] .correctgrid input").first();
  await pulse.fill("81");
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForSelector("[role=dialog] [role=alert]");
  await page.fill("[role=dialog] [name=reason]", "gõ nhầm 91 thay vì 81");
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForSelector("[role=dialog] .tag.warn");
  await page.click("[role=dialog] .actions .btn >> nth=0");
  await page.waitForSelector("[role=dialog] .version s");
  assert.match(await page.innerText("[role=dialog] .version s"), /91/);
  assert.match(await page.innerText("[role=dialog]"), /gõ nhầm 91 thay vì 81/);
  const [set] = (await ask(page, `/encounters/${row.encounterId}/vitals`)).slice(-1);
  assert.equal(set.version, 2);
  await context.close();
});

// Clauses: C46-13.1
test("a care note is written, signed and corrected; an unfinished one waits as a draft", async () => {
  const { page, context } = await terminal(browser);
  const nurse = await login(page, "nurse");
  const row = await adult(page);
  await visit(page, `/chart/${row.encounterId}/notes`, ".newnote");
  const words = `Người bệnh tỉnh, dễ thở hơn (${Date.now()})`;
  await page.fill("[name=course]", words);
  await page.reload();
  await page.waitForSelector(".newnote");
  assert.equal(await page.inputValue("[name=course]"), words);
  await page.fill("[name=care]", "Cho nằm đầu cao");
  await page.click(".newnote button[type=submit]");
  const note = page.locator(".notes li", { hasText: words });
  await note.waitFor();
  assert.equal(await page.inputValue("[name=course]"), "");

  await note.locator(".btn.p").click();
  await page.waitForSelector("[role=dialog] [name=pin]");
  await page.keyboard.type(nurse.pin);
  await page.keyboard.press("Enter");
  await note.locator(".signature").waitFor();

  await note.locator(".noteend .btn").nth(1).click(); // beside withdrawing it
  await page.fill("[role=dialog] textarea >> nth=1", "Cho nằm đầu cao 30 độ");
  await page.fill("[role=dialog] [name=reason]", "ghi rõ hơn");
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  await note.locator(".notewhen .btn").click();
  await page.waitForSelector("[role=dialog] .noteversion s");
  await context.close();
});

// Clauses: C46-8.4, CV-III.1.1a, CV-III.1.1e
test("a signed sheet offers its PDF and says who signed it", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  // The demo's nurses have closed the charts of the first beds.
  const [someone] = await occupants(page);
  await visit(page, `/chart/${someone.encounterId}/forms`, ".formtree");
  await page.locator(".formtree a", { hasText: "Phiếu theo dõi chức năng sống" }).first().click();
  await page.waitForSelector(".sheetside .signature");
  const pdf = await page.getAttribute(".sheethead a.btn", "href");
  const type = await page.evaluate(async (url) => (await fetch(url)).headers.get("content-type"), pdf);
  assert.equal(type, "application/pdf");
  await page.click(".sheetside .signature summary");
  assert.match(await page.innerText(".sheetside .signature dl"), /CN=/);
  await context.close();
});
