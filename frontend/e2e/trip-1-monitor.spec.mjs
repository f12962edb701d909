// Trip 1 as a nurse walks it: the monitor's value appears by itself, F8 takes it over, one PIN signs it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, demo, firstWard, login, openBrowser, terminal, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const cell = (row, column) => `tbody[data-row="${row.encounterId}"] input[data-col=${column}]`;

test("a monitor's value appears on the card, is accepted with F8, signed with one PIN, and stands on the chart", async () => {
  const { page, context, faults } = await terminal(browser);
  const nurse = await login(page, "nurse");
  await page.waitForSelector(".link.online");

  // The card of a bed with a monitor says by itself that a measurement waits.
  const card = (bed) => page.locator("a[data-card]", { has: page.locator(".code", { hasText: new RegExp(`^${bed}$`) }) });
  await page.waitForFunction((beds) => [...document.querySelectorAll("a[data-card]")].some((one) => beds.includes(one.querySelector(".code")?.textContent) && one.querySelector(".tag.new .icon")), demo.monitors);
  await page.keyboard.press("F2");
  await page.waitForSelector("table.obs");
  const { rows } = await ask(page, `/wards/${(await firstWard(page)).id}/round`);
  const row = rows.find((one) => one.proposed !== null && one.unsigned.length === 0 && demo.monitors.includes(one.bed));
  assert.ok(row, "a device set waits in the round");

  await page.focus(cell(row, "pulse"));
  await page.waitForFunction((selector) => document.querySelector(selector).value !== "", cell(row, "pulse"));
  await page.keyboard.press("F8");
  await page.waitForSelector(`tbody[data-row="${row.encounterId}"] td.st.done`);

  await page.keyboard.press("F9");
  await page.waitForSelector("[role=dialog] [name=pin]");
  assert.match(await page.innerText("[role=dialog] table"), new RegExp(row.name));
  await page.keyboard.type(nurse.pin);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog] .tag.good");
  assert.equal(await page.locator("[role=dialog] .tag.bad").count(), 0, "every set of the round is signed");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog]", { state: "detached" });

  // Back on the board her card owes no signature any more.
  await visit(page, "/", ".bed");
  await page.waitForFunction((href) => document.querySelector(`a[data-card][href='${href}']`) && !document.querySelector(`a[data-card][href='${href}'] [data-count=pen]`), `/chart/${row.encounterId}`);
  await card(row.bed).click();
  await page.waitForSelector(".banner .who");
  await page.click(".tpr > h2 .btn");
  const signed = page.locator(".settable tbody tr", { hasText: nurse.name }).first();
  await signed.locator("button").click();
  await page.waitForSelector("[role=dialog] .signature");
  assert.match(await page.innerText("[role=dialog] .signature"), new RegExp(nurse.name));
  const [set] = (await ask(page, `/encounters/${row.encounterId}/vitals`)).filter((one) => one.id === row.proposed.id || one.signature?.signer.name === nurse.name).slice(-1);
  assert.equal(set.signature.state, "valid");
  assert.ok(set.values.some((value) => value.provenance === "device"), "the chart says that a device measured it");
  assert.deepEqual(faults, []);
  await context.close();
});
