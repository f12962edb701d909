// An administrator registers a security key from their name at the top, logs in by touching it, falls back on a phone's code
// and on paper, and takes a key away; who must have a second factor chooses it on the first page. Chromium has the key.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { BASE, openBrowser, person, terminal, violations } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());
const SHOTS = process.env.BENHAN_SHOTS;
const shot = (page, name) => SHOTS && page.screenshot({ path: join(SHOTS, `security-key-${name}.png`) });
const boss = person("administrator");

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
function shows(secret, ahead = 0) {
  const bits = [...secret].map((letter) => LETTERS.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor((Date.now() / 1000 + ahead) / 30)));
  const tag = createHmac("sha1", key).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A key in the terminal's USB port, and whether somebody touches it. */
async function keyIn(page) {
  const chrome = await page.context().newCDPSession(page);
  await chrome.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "usb", hasResidentKey: false, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await chrome.send("WebAuthn.addVirtualAuthenticator", { options });
  return {
    touched: (enabled) => chrome.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled }),
    credentials: async () => (await chrome.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    pulled: () => chrome.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
  };
}
async function half(page) {
  await page.goto(BASE);
  await page.fill("[name=username]", boss.username);
  await page.fill("[name=password]", boss.password);
  await page.keyboard.press("Enter");
}
async function mine(page) {
  await page.focus(".me");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#keys-title");
}
const button = (page, name) => page.getByRole("button", { name });
const out = (page) => button(page, "Đăng xuất").click();
const told = (page, words) => page.waitForFunction((text) => document.body.innerText.includes(text), words);

test("a key is registered, asked for at the login, and taken away", async () => {
  const { page, context, faults } = await terminal(browser, { audit: true });
  await page.setViewportSize({ width: 1366, height: 768 });
  const key = await keyIn(page);
  await half(page);
  await page.waitForSelector("nav.rail");

  await mine(page);
  assert.deepEqual(await violations(page), []);
  await shot(page, "none");
  await button(page, "Thêm khóa bảo mật").press("Enter");
  await page.waitForSelector("[role=dialog] [name=keyname]");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "keyname");
  await page.keyboard.type("Khóa USB màu xanh");
  await page.locator("[role=dialog] [name=password]").fill("sai mật khẩu");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=dialog] [role=alert]");
  assert.match(await page.innerText("[role=dialog] [role=alert]"), /không đúng/);
  await page.locator("[role=dialog] [name=password]").fill(boss.password);
  assert.deepEqual(await violations(page), []);
  await shot(page, "new");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".recovery li");
  const codes = await page.locator(".recovery li").allInnerTexts();
  assert.equal(codes.length, 10);
  assert.equal((await key.credentials()).length, 1);
  assert.deepEqual(await violations(page), []);
  await shot(page, "codes");
  await button(page, "Đã cất giữ, tiếp tục").press("Enter");
  await told(page, "Khóa USB màu xanh");
  assert.match(await page.locator("[role=dialog] tr", { hasText: "Khóa USB màu xanh" }).innerText(), /chưa dùng/);
  await page.keyboard.press("Escape");
  await out(page);

  // The touch is asked for at once, and waited for; it is all that is left to do.
  await key.touched(false);
  await half(page);
  await told(page, "Chạm vào khóa khi đèn nháy");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Dùng khóa bảo mật");
  assert.deepEqual(await violations(page), []);
  await shot(page, "login");
  // Whoever looks for the paper and finds the key after all is asked to touch it anew.
  await button(page, "Không có ở đây: dùng mã dự phòng").press("Enter");
  await page.waitForSelector("[name=code]");
  await key.touched(true);
  await button(page, "Dùng khóa bảo mật").press("Enter");
  await page.waitForSelector("nav.rail");
  await out(page);

  // Without the key: a code on paper, once.
  await key.touched(false);
  await half(page);
  await button(page, "Không có ở đây: dùng mã dự phòng").press("Enter");
  await page.waitForSelector("[name=code]");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "code");
  assert.deepEqual(await violations(page), []);
  await page.keyboard.type(codes[0].toLowerCase());
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav.rail");

  // A phone beside it: that it is still they is shown by the key, and then either opens the door.
  await key.touched(true);
  await mine(page);
  await button(page, "Đặt mã xác thực").press("Enter");
  await page.locator("[role=dialog] [name=password]").fill(boss.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret");
  const secret = (await page.innerText(".secret")).replace(/\s/g, "");
  await page.keyboard.type(shows(secret));
  await page.waitForSelector(".recovery li");
  await button(page, "Đã cất giữ, tiếp tục").press("Enter");
  await told(page, "Còn 10 mã dự phòng");
  await page.keyboard.press("Escape");
  await out(page);
  await key.touched(false);
  await half(page);
  await told(page, "Chạm vào khóa khi đèn nháy");
  await shot(page, "login-both");
  await button(page, "Dùng mã trên điện thoại").press("Enter");
  await page.waitForSelector("[name=code]");
  assert.deepEqual(await violations(page), []);
  await page.keyboard.type(shows(secret, 30));
  await page.waitForSelector("nav.rail");

  // Taken away by its owner, who says why, with the key itself.
  await key.touched(true);
  await mine(page);
  await button(page, "Gỡ khóa «Khóa USB màu xanh»").press("Enter");
  await page.waitForSelector("[role=dialog] [name=reason]");
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("name")), "reason");
  await page.locator("[role=dialog] [name=password]").fill(boss.password);
  await page.keyboard.press("Enter");
  await told(page, "Ghi lý do gỡ khóa.");
  await page.locator("[role=dialog] [name=reason]").fill("đổi khóa mới");
  assert.deepEqual(await violations(page), []);
  await shot(page, "remove");
  await page.keyboard.press("Enter");
  await told(page, "Khóa bảo mật là thiết bị");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[role=dialog]", { state: "detached" });
  await out(page);
  await half(page);
  await page.waitForSelector("[name=code]");
  assert.equal(await button(page, "Dùng khóa bảo mật").count(), 0);
  assert.deepEqual(faults, []);
  await context.close();
});

test("who must have a second factor chooses a key on the first page, in either language", async () => {
  for (const [language, words] of [["vi", ["Khóa bảo mật", "Thêm khóa bảo mật"]], ["en", ["A security key", "Add a security key"]]]) {
    const { page, context, faults } = await terminal(browser, { audit: true, language });
    await page.setViewportSize({ width: 1366, height: 768 });
    await keyIn(page);
    const doctor = person(language === "vi" ? "auditor" : "record-room");
    // The demo's accounts need none: the server is made to say that this one does.
    const must = (session) => ({ ...session, mustEnrolSecondFactor: true });
    await page.route("**/api/v1/auth/login", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: must(await response.json()) });
    });
    await page.goto(BASE);
    await page.fill("[name=username]", doctor.username);
    await page.fill("[name=password]", doctor.password);
    await page.keyboard.press("Enter");
    await button(page, words[0]).waitFor();
    assert.deepEqual(await violations(page), []);
    await shot(page, `choose-${language}`);
    await button(page, words[0]).press("Enter");
    await page.getByRole("heading", { name: words[1] }).waitFor();
    await page.fill("[name=keyname]", "USB");
    await page.fill("[name=password]", doctor.password);
    assert.deepEqual(await violations(page), []);
    await shot(page, `enrol-${language}`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".recovery li");
    await page.locator(".btn.p").press("Enter");
    await page.waitForSelector("nav.rail");
    assert.deepEqual(faults, []);
    await context.close();
  }
});
