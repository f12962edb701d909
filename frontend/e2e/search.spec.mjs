import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { login, occupants, openBrowser, terminal } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

test("«/», a name without accents, Enter: the chart, and the name never enters the address", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  const someone = (await occupants(page)).find((one) => !one.sameName && one.alone);
  await page.keyboard.press("/");
  await page.waitForSelector(".finder input:focus");
  await page.keyboard.type(plain(someone.name));
  await page.waitForSelector(`[role=option]:has-text("${someone.name}")`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".banner .who");
  assert.equal(await page.innerText(".banner .who"), someone.name.toLocaleUpperCase("vi"));
  assert.ok(!decodeURIComponent(page.url()).toLowerCase().includes(plain(someone.name).split(" ")[0]));
  assert.deepEqual(faults, []);
  await context.close();
});

test("two inpatients of one name are flagged where they could be confused", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  const twin = (await occupants(page)).find((one) => one.sameName);
  assert.ok(twin, "the demo has two patients of one name in this ward");
  await page.keyboard.press("/");
  await page.waitForSelector(".finder input:focus");
  await page.keyboard.type(plain(twin.name));
  await page.waitForSelector("[role=option] .tag.late");
  await context.close();
});
