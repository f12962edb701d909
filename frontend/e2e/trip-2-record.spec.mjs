// Trip 2 as a nurse walks it: a set typed, corrected on the chart, the round signed, and the sheet as a PDF.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adult, login, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

// Clauses: C46-2, C13-1.1
test("a set is entered, corrected with its reason, signed with the round, and its PDF opens from the chart", async () => {
  const { page, context, faults } = await terminal(browser);
  const nurse = await login(page, "nurse");
  await visit(page, "/round", "table.obs");
  const row = await adult(page);
  const done = `tbody[data-row="${row.encounterId}"] td.st.done`;
  await page.focus(`tbody[data-row="${row.encounterId}"] input[data-col=pulse]`);
  for (const word of ["191", "372"]) {
    await page.keyboard.type(word);
    await page.keyboard.press("Enter");
  }
  await page.keyboard.press("ArrowDown");
  await page.waitForSelector(done);

  // On the chart she sees the slip and corrects it.
  await visit(page, `/chart/${row.encounterId}`, ".tpr");
  await page.click(".tpr > h2 .btn");
  await page.locator(".settable tbody tr", { hasText: "191" }).first().locator("button").click(); // the newest
  await page.click("[role=dialog] .actions .btn:not(.p) >> nth=0");
  await page.waitForSelector("[role=dialog] [name=reason]");
  await page.locator("[role=dialog] .correctgrid input").first().fill("91");
  await page.fill("[role=dialog] [name=reason]", "gõ nhầm 191");
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForSelector("[role=dialog] .tag.warn");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });

  await visit(page, "/round", done);
  await page.keyboard.press("F9");
  await page.waitForSelector("[role=dialog] [name=pin]");
  const offered = page.locator("[role=dialog] tbody tr", { hasText: row.name });
  assert.match(await offered.innerText(), /M 91\b/, "what is signed is the corrected version");
  await page.keyboard.type(nurse.pin);
  await page.keyboard.press("Enter");
  await page.locator("[role=dialog] tbody tr", { hasText: row.name }).locator(".tag.good").waitFor();
  await page.keyboard.press("Enter");

  await visit(page, `/chart/${row.encounterId}/forms`, ".formtree");
  await page.locator(".formtree a", { hasText: "Phiếu theo dõi chức năng sống" }).first().click();
  const sheet = page.locator(".formsheet");
  assert.match(await sheet.locator(".signature").first().innerText(), new RegExp(nurse.name));
  await sheet.locator(".signature .tag.good").first().waitFor();
  // A browser without a PDF viewer downloads what it cannot show: both are the file.
  const answer = context.waitForEvent("response", { predicate: (one) => one.headers()["content-type"] === "application/pdf" });
  await sheet.locator(".sheethead a.btn").click();
  const opened = await answer;
  assert.equal(opened.status(), 200);
  const bytes = await page.evaluate(async (url) => {
    const read = new TextDecoder("latin1").decode(await (await fetch(url)).arrayBuffer());
    return { head: read.slice(0, 5), signed: read.includes("/ByteRange") };
  }, await sheet.locator(".sheethead a.btn").getAttribute("href"));
  assert.equal(bytes.head, "%PDF-");
  assert.ok(bytes.signed, "the PDF carries its signature");
  assert.deepEqual(faults, []);
  await context.close();
});
