import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, login, occupants, openBrowser, person, terminal } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

test("a wrong password is refused with the server's words, and the right one opens the ward", async () => {
  const { page, context, faults } = await terminal(browser);
  const nurse = person("nurse");
  await page.goto(BASE);
  await page.fill("[name=username]", nurse.username);
  await page.fill("[name=password]", `${nurse.password}x`);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert]");
  assert.match(await page.innerText("[role=alert]"), /\p{L}/u);
  assert.equal(await page.inputValue("[name=password]"), "");
  await page.fill("[name=password]", nurse.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".beds");
  assert.match(await page.innerText(".me"), new RegExp(nurse.name));
  assert.deepEqual(faults, []);
  await context.close();
});

test("F12 takes every patient off the page, and the PIN brings the same screen back", async () => {
  const { page, context } = await terminal(browser);
  const nurse = await login(page, "nurse");
  await page.waitForSelector(".beds");
  const [someone] = await occupants(page);
  await page.click("a[href='/round']");
  await page.waitForSelector("table.obs");
  await page.keyboard.press("F12");
  await page.waitForSelector("[name=pin]");
  assert.ok(!(await page.content()).includes(someone.name), "a name stayed behind the lock");
  await page.keyboard.type(nurse.pin.split("").reverse().join("") === nurse.pin ? "000000" : nurse.pin.split("").reverse().join(""));
  await page.waitForSelector("[role=alert]");
  await page.keyboard.type(nurse.pin);
  await page.waitForSelector("table.obs");
  await context.close();
});

test("theme and language are kept by the browser", async () => {
  const { page, context } = await terminal(browser);
  await login(page, "nurse");
  await page.click("button[lang=en]");
  await page.waitForSelector("html[lang=en]");
  assert.equal(await page.innerText("h1"), "Ward board");
  await page.click(".top .iconbtn >> nth=0");
  await page.waitForSelector("html[data-theme=dark]");
  await page.reload();
  await page.waitForSelector("html[lang=en][data-theme=dark] .beds");
  await context.close();
});
