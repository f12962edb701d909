import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, openBrowser, terminal } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

test("forty beds fit a 1366×650 screen without scrolling", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  const { beds, scroll, below } = await page.evaluate(() => {
    const main = document.querySelector("main");
    const cards = [...document.querySelectorAll(".bed")];
    return { beds: cards.length, scroll: main.scrollHeight - main.clientHeight, below: cards.filter((card) => card.getBoundingClientRect().bottom > innerHeight).length };
  });
  assert.equal(beds, 40);
  assert.equal(below, 0);
  assert.ok(scroll <= 0, `the board scrolls by ${scroll} px`);
  assert.deepEqual(faults, []);
  await context.close();
});

test("arrow keys walk the cards and Enter opens the chart", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  await page.focus("a[data-card] >> nth=0");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  const target = await page.evaluate(() => document.activeElement.getAttribute("href"));
  assert.equal(target, await page.getAttribute("a[data-card] >> nth=0", "href"));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".banner .who");
  await context.close();
});

test("a filter shows the patients that its count promises", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  const chip = page.locator(".bar .chip").nth(2);
  const promised = Number(await chip.locator("b").innerText());
  await chip.click();
  await page.waitForFunction((count) => document.querySelectorAll(".bed:not(.shared), .half").length >= count && document.querySelectorAll(".bed").length < 40, promised);
  await context.close();
});

test("monitor values move on the cards by themselves", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".link.online");
  const before = await page.innerText(".beds");
  await page.waitForFunction((was) => document.querySelector(".beds").innerText !== was, before);
  await context.close();
});
