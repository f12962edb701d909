// The running hospital under test: its address and people, a browser, and a person at a terminal.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const demo = JSON.parse(readFileSync(process.env.BENHAN_DEMO ?? "../data/demo.json", "utf8"));
export const BASE = (process.env.BASE_URL ?? demo.url).replace(/\/$/, "");
const AXE = fileURLToPath(new URL("../node_modules/axe-core/axe.min.js", import.meta.url));
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const PATIENCE = 180_000; // for a box that does much else; every wait ends with its condition

export function person(role) {
  const found = demo.users.find((user) => user.role === role);
  if (!found) throw new Error(`the demo hospital has no ${role}`);
  return found;
}

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A terminal on the ward: 1366×768 less the browser's bars. Script errors and policy violations fail the test that sees them. */
export async function terminal(browser, { theme = "light", language = "vi", audit = false } = {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 650 }, ignoreHTTPSErrors: true, bypassCSP: audit });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => /Content Security Policy|Minified React error/.test(message.text()) && faults.push(message.text()));
  // A framed PDF is a page of the browser's own, without a storage.
  await page.addInitScript((prefs) => globalThis === top && (localStorage.getItem("benhan.prefs") ?? localStorage.setItem("benhan.prefs", JSON.stringify(prefs))), { theme, language, ward: null });
  return { page, context, faults };
}

export async function login(page, role) {
  const user = person(role);
  await page.goto(BASE);
  await page.fill("[name=username]", user.username);
  await page.fill("[name=password]", user.password);
  await page.keyboard.press("Enter");
  await page.waitForSelector("nav.rail");
  return user;
}

/** Moves inside the app without loading it again. */
export async function visit(page, path, ready) {
  await page.evaluate((to) => history.pushState(null, "", to), path);
  await page.waitForSelector(ready);
}

/** What the API answers to the person who is logged in on this page. */
export function ask(page, path) {
  return page.evaluate(async (url) => (await fetch(url)).json(), `/api/v1${path}`);
}
export async function firstWard(page) {
  const { wards } = await ask(page, "/auth/session");
  return wards[0];
}
export async function occupants(page) {
  const ward = await firstWard(page);
  const { beds } = await ask(page, `/wards/${ward.id}/board`);
  return beds.flatMap((bed) => bed.occupants.map((one) => ({ ...one, bed: bed.label, alone: bed.occupants.length === 1 })));
}
/** Rows of the round that can be scored, have no monitor and owe no signature: hers to measure by hand. */
export async function byHand(page) {
  const ward = await firstWard(page);
  const { rows } = await ask(page, `/wards/${ward.id}/round`);
  return rows.filter((row) => row.ageYears >= 16 && !row.pregnant && row.unsigned.length === 0 && row.proposed === null && !demo.monitors.includes(row.bed));
}
/** One of them. A test that saves a set uses its row up until the round is signed. */
export async function adult(page) {
  const [row] = await byHand(page);
  if (!row) throw new Error("every adult without a monitor owes a signature");
  return row;
}

export async function violations(page) {
  await page.addScriptTag({ path: AXE });
  const { violations: found } = await page.evaluate((rules) => globalThis.axe.run(document, { runOnly: rules }), RULES);
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`);
}

/** A keyboard that counts what it is asked to press. */
export class Keyboard {
  count = 0;
  constructor(page) {
    this.page = page;
  }
  async press(...keys) {
    for (const key of keys) {
      this.count += 1;
      await this.page.keyboard.press(key);
    }
  }
  async type(text) {
    for (const key of text) await this.press(key);
  }
  /** Each word, then Enter. */
  async enter(...words) {
    for (const word of words) {
      await this.type(word);
      await this.press("Enter");
    }
  }
}
