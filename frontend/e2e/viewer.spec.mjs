import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, login, occupants, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

async function imaged(page) {
  for (const one of await occupants(page)) {
    const studies = await ask(page, `/encounters/${one.encounterId}/studies`);
    if (studies.length > 0) return { one, studies };
  }
  return null;
}
/** The grey of the canvas on average: changes when another slice or window is drawn. */
const mood = (page) => page.evaluate(() => {
  const canvas = document.querySelector(".stage canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += data[i];
  return sum;
});

test("an image is drawn, windowed, inverted and scrolled by keys", async (t) => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "doctor");
  await page.waitForSelector(".bed");
  const found = await imaged(page);
  if (!found) return t.skip("no study is linked to a patient of this ward");
  await visit(page, `/chart/${found.one.encounterId}/images`, ".studies .btn.p");
  await page.click(".studies .btn.p >> nth=0");
  await page.waitForSelector("canvas[data-drawn]");
  const drawn = await page.getAttribute(".stage canvas", "data-drawn");
  const first = await mood(page);
  assert.ok(first > 0, "the canvas is black");
  await page.keyboard.press("i");
  await page.waitForFunction(() => document.querySelector("button[aria-pressed=true]") !== null);
  assert.notEqual(await mood(page), first);
  await page.keyboard.press("r");
  if (drawn === "pixels") {
    const label = await page.innerText(".corner.bl");
    await page.keyboard.press("w");
    await page.waitForFunction((was) => document.querySelector(".corner.bl").innerText !== was, label);
  }
  if (found.studies[0].series[0].instances > 1) {
    const place = await page.innerText(".corner.br");
    await page.keyboard.press("ArrowDown");
    await page.waitForFunction((was) => document.querySelector(".corner.br").innerText !== was, place);
  }
  await page.keyboard.press("Escape");
  await page.waitForSelector(".studies .btn.p");
  assert.deepEqual(faults, []);
  await context.close();
});
