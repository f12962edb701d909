// A nurse whose key is on a token in her own computer: the dialog says what that computer lacks before the server is asked
// for anything, and her own page says how it is set up. What agent and server do together is told in tests/it/sign_agent.rs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adult, ask, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

let browser;
before(async () => (browser = await openBrowser()));
after(() => browser.close());

/** As the server says it of somebody whose certificate is bound to a token in their terminal. */
async function withToken(page) {
  await page.route("**/api/v1/auth/*", async (route) => {
    const answer = await route.fetch();
    const session = await answer.json().catch(() => null);
    await route.fulfill(session?.user ? { response: answer, json: { ...session, keyHolder: "terminal" } } : { response: answer });
  });
}

/** The agent of this computer, as far as it is asked here. */
async function agent(page, address, state) {
  await page.route(`${address}/**`, (route) => (state ? route.fulfill({ json: state, headers: { "Access-Control-Allow-Origin": "*" } }) : route.abort("connectionrefused")));
}

// Clauses: SIG-8
test("a nurse with a token in her computer is told what is missing there", async () => {
  const { page, context, faults } = await terminal(browser);
  await withToken(page);
  await login(page, "nurse");
  const { address, code } = await ask(page, "/signing/agent");
  await agent(page, address, null);
  await visit(page, "/round", "table.obs");
  const row = await adult(page);
  const { csrf } = await ask(page, "/auth/session");
  const entered = await page.evaluate(async ([stay, token]) => {
    const body = { effectiveAt: new Date().toISOString(), values: [{ code: "pulse", value: 88 }] };
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
    return (await fetch(`/api/v1/encounters/${stay}/vitals`, { method: "POST", headers, body: JSON.stringify(body) })).status;
  }, [row.encounterId, csrf]);
  assert.equal(entered, 201);
  await page.waitForSelector(`tbody[data-row="${row.encounterId}"] td.st.done`);
  let asked = 0;
  page.on("request", (request) => request.url().endsWith("/sign") && (asked += 1));

  await page.keyboard.press("F9");
  await page.waitForSelector("[role=dialog] [name=pin]");
  assert.match(await page.innerText("[role=dialog]"), /không gửi lên máy chủ/);
  const pin = async () => {
    await page.fill("[role=dialog] [name=pin]", "the-93-Hoa");
    await page.keyboard.press("Enter");
  };
  await pin();
  await page.locator("[role=dialog] [role=alert]", { hasText: "Không thấy chương trình ký" }).waitFor();
  await agent(page, address, { version: "1", tokens: [], trouble: null });
  await pin();
  await page.locator("[role=dialog] [role=alert]", { hasText: "cắm thẻ" }).waitFor();
  await agent(page, address, { version: "1", trouble: null, tokens: [{ serial: "a1b2", label: "Thẻ của Hà", locked: true, keys: [] }] });
  await pin();
  await page.locator("[role=dialog] [role=alert]", { hasText: "Thẻ đã khóa" }).waitFor();
  assert.equal(asked, 0, "the server was asked for nothing");
  assert.equal(await page.inputValue("[role=dialog] [name=pin]"), "", "no PIN stays on the screen");
  await page.keyboard.press("Escape");

  await agent(page, address, null);
  await page.click("button.me");
  await page.locator("[role=dialog] button", { hasText: "Kiểm tra thẻ ở máy này" }).click();
  await page.locator("[role=dialog] code", { hasText: code }).waitFor();
  assert.match(await page.innerText("[role=dialog]"), /đủ bốn bước/);
  assert.match(await page.innerText("[role=dialog]"), /benhan sign-agent pair --server https:/);
  await agent(page, address, { version: "1", trouble: null, tokens: [{ serial: "a1b2", label: "Thẻ của Hà", locked: false, keys: [{ key: "a1b2:01", label: "ký", subject: "CN=Hà", pem: null }] }] });
  await page.locator("[role=dialog] button", { hasText: "Kiểm tra lại" }).click();
  await page.locator("[role=dialog]", { hasText: "CN=Hà · a1b2:01" }).waitFor();
  assert.deepEqual(faults, [], "and the page may speak to the agent");
  await context.close();

  const read = await terminal(browser, { audit: true });
  await withToken(read.page);
  await login(read.page, "nurse");
  await agent(read.page, address, null);
  await read.page.click("button.me");
  await read.page.locator("[role=dialog] button", { hasText: "Kiểm tra thẻ ở máy này" }).click();
  await read.page.locator("[role=dialog] code", { hasText: code }).waitFor();
  assert.deepEqual(await violations(read.page), []);
  await read.context.close();
});
