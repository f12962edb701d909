import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, login, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

test("a message is matched only after two identifiers were ticked, and leaves the list", async (t) => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  const waiting = await ask(page, "/waiting");
  const index = waiting.findIndex((item) => item.proposals.length > 0);
  if (index < 0) return t.skip("nothing with a proposal waits to be matched");
  await visit(page, "/waiting", ".picklist button");
  await page.click(`.picklist button >> nth=${index}`);
  await page.click(".candidate input >> nth=0");
  const submit = page.locator("form button[type=submit]");
  const ticks = page.locator("fieldset .choice input[type=checkbox]");
  await ticks.nth(0).check();
  assert.equal(await submit.getAttribute("aria-disabled"), "true");
  await submit.press("Enter");
  await page.waitForSelector("form [role=alert]");
  await ticks.nth(1).check();
  await submit.click();
  await page.waitForFunction((count) => document.querySelectorAll(".picklist button").length < count || document.querySelector(".empty-state"), waiting.length);
  const left = await ask(page, "/waiting");
  assert.ok(!left.some((item) => item.id === waiting[index].id));
  await context.close();
});

test("the raw message is one click away", async (t) => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  if ((await ask(page, "/waiting")).length === 0) return t.skip("nothing waits to be matched");
  await visit(page, "/waiting", ".picklist button");
  await page.click(".pane .btn.small >> nth=0");
  await page.waitForSelector("[role=dialog] pre.raw");
  assert.ok((await page.innerText("[role=dialog] pre.raw")).length > 0);
  await context.close();
});
