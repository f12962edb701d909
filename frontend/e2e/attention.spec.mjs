// What the gateway and the bridge hold for a person: the administrator finds it, decides by keyboard, and sees what came
// of it; the radiologist sees it and decides nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";
import { sendImage, sopOf, studyOf, tellElsewhere, unordered } from "./senders.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** The same instance twice, with another content. */
function contradicts() {
  const first = unordered({ name: "Nguyễn^Văn Lạ", code: "NGOAI-0002" });
  sendImage(first);
  sendImage(first.map((line) => (line.startsWith("(0008,1030)") ? "(0008,1030) LO [Nội dung khác]" : line)));
  return first;
}
/** Tab until the focus is on the button with this name in the row that shows `about`. */
async function tabTo(page, about, name) {
  for (let steps = 0; steps < 200; steps += 1) {
    const there = await page.evaluate(([uid, label]) => {
      const at = document.activeElement;
      return at?.tagName === "BUTTON" && at.textContent === label && at.closest("tr")?.textContent.includes(uid);
    }, [about, name]);
    if (there) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`the keyboard never gets to «${name}»`);
}
const focusedText = (page) => page.evaluate(() => document.activeElement.textContent);

for (const theme of ["light", "dark"]) {
  test(`an image with another content waits, «Đã xem» is taken back and given again, and it leaves (${theme})`, async () => {
    const image = contradicts();
    const about = sopOf(image);
    const { page, context, faults } = await terminal(browser, { theme, audit: true });
    await login(page, "administrator");
    // The first screen of an administrator.
    await page.waitForSelector(".edges li");
    assert.equal(await page.evaluate(() => location.pathname), "/attention");
    const row = page.locator(".attention tbody tr", { hasText: about });
    await row.waitFor();
    assert.match(await row.innerText(), /Ảnh gửi lại khác ảnh đã lưu[\s\S]*CT_DEMO|CT_DEMO[\s\S]*Ảnh gửi lại khác ảnh đã lưu/);
    await page.waitForSelector("nav.rail a[href='/attention'] b");
    assert.doesNotMatch(await page.innerText("main"), /Nguyễn|NGOAI-0002/, "no patient on this screen");
    assert.deepEqual(await violations(page), [], "the list");

    await tabTo(page, about, "Đã xem");
    await page.keyboard.press("Enter");
    await row.locator(".doing").waitFor();
    await page.waitForFunction(() => document.activeElement.textContent === "Hoàn tác");
    assert.deepEqual(await violations(page), [], "something under way");
    await page.keyboard.press("Enter");
    await row.locator(".doing").waitFor({ state: "detached" });
    assert.equal(await focusedText(page), "Đã xem", "the focus stays on the button");
    await page.keyboard.press("Enter");
    await row.waitFor({ state: "detached" });
    const inside = await page.evaluate(() => document.getElementById("main").contains(document.activeElement));
    assert.ok(inside, "the focus is not lost with the line");
    assert.deepEqual(faults, []);
    await context.close();
  });
}

test("a study that the server refuses is sent again, says so, and comes back when it is refused again", async () => {
  const image = unordered({ name: "Nguyễn^Văn Lạ", code: "NGOAI-0003" });
  const about = studyOf(image);
  await tellElsewhere(about);
  sendImage(image);
  const { page, context, faults } = await terminal(browser);
  await login(page, "administrator");
  const row = page.locator(".attention tbody tr", { hasText: about });
  await row.waitFor();
  const before = (await ask(page, "/attention")).items.find((item) => item.about === about);
  await tabTo(page, about, "Gửi lại");
  await page.keyboard.press("Enter");
  await row.locator(".doing", { hasText: "Đang gửi lại…" }).waitFor();
  assert.equal(await row.locator("button", { hasText: "Gửi lại" }).getAttribute("aria-disabled"), "true");

  const again = ([uid, since]) => fetch("/api/v1/attention").then((answer) => answer.json()).then(({ items }) => items.some((item) => item.about === uid && !item.doing && item.since !== since));
  await page.waitForFunction(again, [about, before.since], { polling: 500 });
  await row.locator(".doing").waitFor({ state: "detached" });
  assert.match(await row.innerText(), /known with another patient id/, "the reason for whoever repairs it");
  await tabTo(page, about, "Đã xem");
  await page.keyboard.press("Enter");
  await row.waitFor({ state: "detached" });
  assert.deepEqual(faults, []);
  await context.close();
});

test("a radiologist sees what waits, and has no button", async () => {
  const about = sopOf(contradicts());
  const { page, context, faults } = await terminal(browser, { audit: true });
  await login(page, "radiologist");
  await page.waitForSelector("nav.rail a[href='/attention']");
  await visit(page, "/attention", ".attention tbody tr");
  const row = page.locator(".attention tbody tr", { hasText: about });
  await row.waitFor();
  assert.equal(await page.locator(".attention button").count(), 0);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(faults, []);
  await context.close();
});
