// Trip 3 as a doctor walks it: an order, the machine finds it on its worklist, the images appear, the viewer shows them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, login, occupants, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** A sum over the pixels of the canvas: another slice, window, zoom or place draws another one. */
const drawn = (page) => page.evaluate(() => {
  const canvas = document.querySelector(".stage canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1_000_000_007;
  return sum;
});
/** Does something and waits until the image is drawn anew. */
async function redraws(page, what, act) {
  const was = await drawn(page);
  await act();
  await page.waitForFunction((before) => {
    const canvas = document.querySelector(".stage canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1_000_000_007;
    return sum !== before;
  }, was, { polling: 250 }).catch(() => assert.fail(`${what} draws nothing new`));
}

test("a CT is ordered, its images appear in the chart, and the viewer scrolls, windows, zooms and pans", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "doctor");
  await page.waitForSelector(".bed");
  let someone;
  for (const one of await occupants(page)) {
    if ((await ask(page, `/encounters/${one.encounterId}/orders`)).every((order) => order.kind !== "imaging")) {
      someone = one;
      break;
    }
  }
  assert.ok(someone, "a patient without an imaging order");

  await visit(page, `/chart/${someone.encounterId}/orders`, ".neworders [name=catalog]");
  await page.fill("[name=catalog]", "ct nguc");
  await page.waitForSelector(".catalog .choice");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".chosen .tag.new");
  await page.click(".neworders button[type=submit]");
  await page.waitForSelector(".orderspart table tbody tr");
  const [order] = await ask(page, `/encounters/${someone.encounterId}/orders`);
  assert.equal(order.modality, "CT");

  // Nobody reloads: the images appear when the bridge has them all.
  await visit(page, `/chart/${someone.encounterId}/images`, ".studies .btn.p");
  assert.match(await page.innerText(".studies li >> nth=0"), new RegExp(order.accession));
  await page.click(".studies .btn.p >> nth=0");
  await page.waitForSelector("canvas[data-drawn=pixels]");
  assert.ok((await drawn(page)) > 0, "the canvas is black");

  await redraws(page, "the arrow key", () => page.keyboard.press("ArrowDown"));
  await page.hover(".canvasbox");
  await redraws(page, "the wheel", () => page.mouse.wheel(0, 120));
  const scale = page.locator(".corner.bl");
  const before = await scale.innerText();
  const box = await page.locator(".canvasbox").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const drag = async (button, dx, dy) => {
    await page.mouse.move(x, y);
    await page.mouse.down({ button });
    await page.mouse.move(x + dx, y + dy, { steps: 4 });
    await page.mouse.up({ button });
  };
  await redraws(page, "dragging the window", () => drag("left", 60, 40));
  assert.notEqual(await scale.innerText(), before, "the corner names the window");
  await redraws(page, "panning", () => drag("right", 50, 30));
  await redraws(page, "zooming", () => drag("middle", 0, -40));
  assert.doesNotMatch(await scale.innerText(), /100%/);
  await redraws(page, "inverting", () => page.keyboard.press("i"));
  await redraws(page, "the reset", () => page.keyboard.press("r"));
  assert.match(await scale.innerText(), /100%/);
  await page.selectOption(".viewerbar select", "lung");
  await page.waitForFunction(() => /1500/.test(document.querySelector(".corner.bl").innerText));
  await page.focus(".viewer");
  await page.keyboard.press("Escape");
  await page.waitForSelector(".studies .btn.p");
  assert.deepEqual(faults, []);
  await context.close();
});
