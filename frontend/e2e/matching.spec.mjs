// The lists that a person resolves: a message of a bed that no map knows, images that no order asked for.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, login, occupants, openBrowser, terminal, visit } from "./hospital.mjs";
import { sendHl7, sendImage, unordered, unplaced } from "./senders.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** Picks the person, ticks one identifier (refused), then a second one, and decides. */
async function decide(page, someone) {
  const candidate = page.locator(".candidate", { hasText: someone.patientCode }).first();
  await candidate.waitFor();
  await candidate.locator("input").check();
  const submit = page.locator("form button[type=submit]");
  const ticks = page.locator("fieldset .choice input[type=checkbox]");
  await ticks.nth(0).check();
  assert.equal(await submit.getAttribute("aria-disabled"), "true");
  await submit.press("Enter");
  await page.waitForSelector("form [role=alert]");
  await ticks.nth(1).check();
  await submit.click();
}
const sentName = (someone) => someone.name.replace(" ", "^");

test("a message waits with its bytes, is matched after two identifiers were compared, and can be taken back", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "nurse");
  await page.waitForSelector(".bed");
  const someone = (await occupants(page)).find((one) => !one.sameName && one.alone);
  await visit(page, "/waiting", ".bar h1");
  const sender = `KHO-${Date.now()}`;
  assert.match(await sendHl7(...unplaced({ name: sentName(someone), code: someone.patientCode, sender })), /MSA\|AA\|/);

  // The list is on the screen already: the message comes to it.
  const item = page.locator(".picklist button", { hasText: sender });
  await item.click();
  await page.click(".pane .btn.small >> nth=0");
  await page.waitForSelector("[role=dialog] pre.raw");
  assert.match(await page.innerText("[role=dialog] pre.raw"), new RegExp(sender));
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });

  await decide(page, someone);
  await item.waitFor({ state: "detached" });
  const charted = async () => (await ask(page, `/encounters/${someone.encounterId}/vitals`)).some((set) => set.status === "preliminary" && set.values.some((value) => value.code === "pulse" && value.value === 84));
  assert.ok(await charted(), "the values wait on the chart for F8");

  await page.click(".bar .chip >> nth=1");
  await item.click();
  await page.click(".pane .btn.small >> nth=1");
  await item.waitFor({ state: "detached" });
  assert.ok(!(await charted()), "a wrong match is taken off the chart");
  await page.click(".bar .chip >> nth=0");
  await item.click();
  await page.click(".pane .btn.danger");
  await page.fill("[name=dismiss-reason]", "máy để trong kho");
  await page.click("[role=dialog] button[type=submit]");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  await item.waitFor({ state: "detached" });
  assert.deepEqual(faults, []);
  await context.close();
});

test("images without an order wait, are linked by a person, and are on the chart", async () => {
  const { page, context, faults } = await terminal(browser);
  await login(page, "doctor");
  await page.waitForSelector(".bed");
  const someone = (await occupants(page)).filter((one) => !one.sameName && one.alone).at(-1);
  await visit(page, "/studies", ".bar h1");
  sendImage(unordered({ name: sentName(someone), code: someone.patientCode, description: "Ảnh đem từ viện khác" }));
  const item = page.locator(".picklist button", { hasText: "Ảnh đem từ viện khác" });
  await item.click();
  await decide(page, someone);
  await item.waitFor({ state: "detached" });
  await visit(page, `/chart/${someone.encounterId}/images`, ".studies li");
  await page.locator(".studies li", { hasText: "Ảnh đem từ viện khác" }).waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});
