// axe finds nothing on any page, in light and in dark.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { adult, BASE, login, occupants, openBrowser, terminal, violations, visit } from "./hospital.mjs";
import { sendHl7, sendImage, unordered, unplaced } from "./senders.mjs";

let browser;
before(async () => {
  // The lists that a person resolves must not be empty when they are looked at.
  assert.match(await sendHl7(...unplaced()), /MSA\|AA\|/);
  // Not every modality says what it took.
  sendImage(unordered({ name: "Nguyễn^Văn Lạ", code: "NGOAI-0001", description: "" }));
  browser = await openBrowser();
});
after(() => browser.close());

const settled = (page) => page.waitForFunction(() => document.querySelector("main [role=status]")?.classList.contains("status") !== true);

test("login", async () => {
  for (const theme of ["light", "dark"]) {
    const { page, context } = await terminal(browser, { theme, audit: true });
    await page.goto(BASE);
    await page.waitForSelector("[name=username]");
    assert.deepEqual(await violations(page), [], theme);
    await context.close();
  }
});

const SCREENS = {
  nurse: [["/", ".bed"], ["/signing", ".bar h1"], ["/round", "table.obs"], ["/patients", "[name=patient-search]"], ["/patients/new", "[name=name]"], ["/orders", "table.grid"], ["/waiting", ".pane form"], ["/incidents", ".incidents-lead"], ["/devices", "table.grid"], ["/users", ".empty-state"], ["/nowhere", ".empty-state"]],
  doctor: [["/studies", ".pane form"]],
  "lab-technician": [["/results", ".bar h1"]],
  "record-room": [["/confirmations", ".confirmlead"], ["/archive", ".archivelead"], ["/archive/due", ".lead"], ["/archive/lists", ".lead"], ["/archive/gone", ".archivelead"]],
  director: [["/decisions", ".lead"], ["/confirmations", ".confirmlead"], ["/requests", ".requests-lead"], ["/archive/lists", ".lead"]],
  auditor: [["/audit", "table.grid"], ["/archive", ".archivelead"], ["/access", ".bar .chip"]],
  administrator: [["/attention", ".edges li"], ["/incidents", ".incidents-lead"], ["/devices", "table.grid"], ["/users", "table.grid"], ["/audit", "table.grid"], ["/access", ".bar .chip"]],
};
for (const theme of ["light", "dark"]) {
  for (const [role, screens] of Object.entries(SCREENS)) {
    test(`${role}, ${theme}`, async () => {
      const { page, context } = await terminal(browser, { theme, audit: true });
      await login(page, role);
      for (const [path, ready] of screens) {
        await visit(page, path, ready);
        await settled(page);
        assert.deepEqual(await violations(page), [], path);
      }
      await context.close();
    });
  }
  test(`every part of a chart, a dialog and the lock, ${theme}`, async () => {
    const { page, context } = await terminal(browser, { theme, audit: true });
    await login(page, "doctor");
    await page.waitForSelector(".bed");
    const [someone] = await occupants(page);
    for (const part of ["", "/notes", "/results", "/images", "/orders", "/forms", "/record"]) {
      await visit(page, `/chart/${someone.encounterId}${part}`, ".chartmain .card");
      await settled(page);
      assert.deepEqual(await violations(page), [], part);
    }
    await visit(page, "/round", "table.obs");
    const row = await adult(page);
    await page.focus(`tbody[data-row="${row.encounterId}"] input[data-col=pulse]`);
    await page.keyboard.type("900");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".strip .loud");
    assert.deepEqual(await violations(page), [], "a refused cell");
    await page.keyboard.press("Escape");
    await page.keyboard.press("F9");
    await page.waitForSelector("[role=dialog]");
    assert.deepEqual(await violations(page), [], "the signing dialog");
    await page.keyboard.press("Escape");
    await page.waitForSelector("[role=dialog]", { state: "detached" });
    await page.keyboard.press("F12");
    await page.waitForSelector("[name=pin]");
    assert.deepEqual(await violations(page), [], "the lock");
    await context.close();
  });
}
