// A nurse sets up a second factor from her name at the top, logs in with it, loses her phone, and the administrator
// resets it. The phone is Node's own HMAC.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { BASE, demo, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function shows(secret, ahead = 0) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + ahead) / 30)));
  const tag = createHmac("sha1", key).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
const someone = demo.users.filter((user) => user.role === "nurse").at(-1);
const PICTURES = process.env.BENHAN_PICTURES;
const picture = async (page, name) => PICTURES && (await page.screenshot({ path: `${PICTURES}/${name}.png` }));

async function half(page) {
  await page.goto(BASE);
  await page.fill("[name=username]", someone.username);
  await page.fill("[name=password]", someone.password);
  await page.keyboard.press("Enter");
}

test("set up by keyboard, asked for at the login, and reset when the phone is lost", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  await half(page);
  await page.waitForSelector(".beds");
  await page.focus(".me");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#factor-title");
  assert.deepEqual(await violations(page), []);
  await page.getByRole("button", { name: "Đặt mã xác thực" }).press("Enter");
  await page.locator("[role=dialog] [name=password]").fill(someone.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret");
  const secret = (await page.innerText(".secret")).replace(/\s/g, "");
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "code");
  assert.deepEqual(await violations(page), []);
  await picture(page, "second-factor-own");
  // A phone that is eleven minutes behind is told so, then set right; the sixth digit sends.
  await page.keyboard.type(shows(secret, -660));
  await page.waitForSelector("[role=dialog] [role=alert]");
  assert.match(await page.innerText("[role=dialog] [role=alert]"), /chậm 11 phút/);
  await page.keyboard.type(shows(secret));
  await page.waitForSelector(".recovery li");
  const codes = await page.locator(".recovery li").allInnerTexts();
  assert.equal(codes.length, 10);
  assert.deepEqual(await violations(page), []);
  await picture(page, "second-factor-codes");
  await page.getByRole("button", { name: "Đã cất giữ, tiếp tục" }).press("Enter");
  await page.waitForFunction(() => document.body.innerText.includes("Còn 10 mã dự phòng"));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Đăng xuất" }).click();

  await half(page);
  await page.waitForSelector("[name=code]");
  assert.equal(await page.getAttribute("[name=code]", "autocomplete"), "one-time-code");
  assert.deepEqual(await violations(page), []);
  await page.keyboard.type(shows(secret, -600));
  await page.waitForSelector("[role=alert]");
  assert.match(await page.innerText("[role=alert]"), /giờ của điện thoại lệch/);
  await picture(page, "second-factor-login");
  assert.equal(await page.inputValue("[name=code]"), "");
  // The code of the setting up is used; the next one counts already.
  await page.keyboard.type(shows(secret, 30));
  await page.waitForSelector(".beds");
  await page.getByRole("button", { name: "Đăng xuất" }).click();

  await half(page);
  await page.waitForSelector("[name=code]");
  await page.getByRole("button", { name: "Mất điện thoại: dùng mã dự phòng" }).press("Enter");
  await page.keyboard.type(codes[0].toLowerCase());
  await page.keyboard.press("Enter");
  await page.waitForSelector(".beds");

  const office = await terminal(browser, { audit: true });
  await login(office.page, "administrator");
  await visit(office.page, "/users", "table.grid");
  const row = office.page.locator("tr", { hasText: someone.name });
  assert.match(await row.innerText(), /Có mã xác thực/);
  await row.getByRole("button", { name: "Đặt lại mã xác thực" }).click();
  assert.deepEqual(await violations(office.page), []);
  await picture(office.page, "second-factor-reset");
  await office.page.fill("[name=reason]", "mất điện thoại");
  await office.page.keyboard.press("Enter");
  await office.page.waitForFunction(() => document.querySelector("[role=status]")?.innerText.includes("Đã đặt lại mã xác thực"));
  await office.context.close();

  await half(page);
  await page.waitForSelector(".beds");
  assert.deepEqual(faults, []);
  await context.close();
});
