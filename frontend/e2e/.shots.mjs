import { login, openBrowser, terminal, visit, ask, occupants, firstWard } from "./hospital.mjs";
const out = process.env.OUT ?? "/tmp/shots"; const which = new Set((process.env.ONLY ?? "").split(",").filter(Boolean));
import { mkdirSync } from "node:fs"; mkdirSync(out, { recursive: true });
const b = await openBrowser();
const themes = (process.env.THEMES ?? "light").split(",");
const lang = process.env.LANGUAGE ?? "vi";
const size = process.env.SIZE?.split("x").map(Number);
const want = (n) => which.size === 0 || which.has(n);
for (const theme of themes) {
  const shot = async (page, n) => { await page.evaluate(() => Promise.all([...document.images].map((i) => i.complete || new Promise((r) => { i.onload = i.onerror = r; })))); await page.screenshot({ path: `${out}/${n}-${theme}${lang === "en" ? "-en" : ""}${size ? "-" + size[0] : ""}.png` }); console.log(n); };
  const start = async (role) => { const t = await terminal(b, { theme, language: lang }); if (size) await t.page.setViewportSize({ width: size[0], height: size[1] }); t.page.setDefaultTimeout(90000); if (role) await login(t.page, role); return t; };
  if (want("login")) { const { page, context } = await start(null); await page.goto((await import("./hospital.mjs")).BASE); await page.waitForSelector("[name=username]"); await shot(page, "login"); await context.close(); }
  if (["board", "round", "sign", "chart", "notes", "results", "documents", "waiting", "devices"].some(want)) {
    const { page, context } = await start("nurse");
    await page.waitForSelector(".bed");
    if (want("board")) { await page.waitForSelector(".link.online"); await shot(page, "board"); }
    const [one] = await occupants(page);
    if (want("round")) { await visit(page, "/round", "table.obs"); await shot(page, "round"); }
    if (want("sign")) { await visit(page, "/round", "table.obs"); await page.keyboard.press("F9"); await page.waitForSelector("[role=dialog]"); await shot(page, "sign"); await page.keyboard.press("Escape"); }
    if (want("chart")) { await visit(page, `/chart/${one.encounterId}`, ".curve svg path"); await page.waitForSelector(".timeline li, aside li"); await shot(page, "chart"); }
    for (const [n, p, s] of [["notes", "notes", ".notes li"], ["results", "results", ".card"], ["documents", "documents", ".card"]]) if (want(n)) { await visit(page, `/chart/${one.encounterId}/${p}`, `.chartmain ${s}`); await page.waitForFunction(() => !document.querySelector("main p.status")); await shot(page, n); }
    if (want("waiting")) { await visit(page, "/waiting", ".bar h1"); await page.waitForFunction(() => !document.querySelector("main p.status")); await shot(page, "waiting"); }
    if (want("devices")) { await visit(page, "/devices", "table.grid, .empty-state"); await shot(page, "devices"); }
    await context.close();
  }
  if (["images", "viewer", "orders", "chartorders", "studies", "patients", "register"].some(want)) {
    const { page, context } = await start("doctor");
    await page.waitForSelector(".bed");
    const [one] = await occupants(page);
    if (want("orders")) { await visit(page, "/orders", "table.grid"); await shot(page, "orders"); }
    if (want("chartorders")) { await visit(page, `/chart/${one.encounterId}/orders`, ".neworders"); await page.waitForSelector("table.grid"); await shot(page, "chartorders"); }
    if (want("images")) { await visit(page, `/chart/${one.encounterId}/images`, ".studies .btn.p"); await shot(page, "images"); }
    if (want("viewer")) { await visit(page, `/chart/${one.encounterId}/images`, ".studies .btn.p"); await page.click(".studies .btn.p >> nth=0"); await page.waitForSelector("canvas[data-drawn]"); await shot(page, "viewer"); await page.keyboard.press("Escape"); }
    if (want("studies")) { await visit(page, "/studies", ".bar h1"); await page.waitForFunction(() => !document.querySelector("main p.status")); await shot(page, "studies"); }
    if (want("patients")) { await visit(page, "/patients", "[name=patient-search]"); await page.fill("[name=patient-search]", "thang"); await page.waitForSelector("main table, main li, main .hit", { timeout: 20000 }).catch(() => {}); await shot(page, "patients"); }
    if (want("register")) { await visit(page, "/patients/new", "[name=name]"); await shot(page, "register"); }
    await context.close();
  }
  if (want("lab")) { const { page, context } = await start("lab-technician"); await visit(page, "/results", ".bar h1"); await page.waitForFunction(() => !document.querySelector("main p.status")); await shot(page, "lab"); await context.close(); }
  if (["users", "audit"].some(want)) { const { page, context } = await start("administrator"); if (want("users")) { await visit(page, "/users", "table.grid"); await shot(page, "users"); } if (want("audit")) { await visit(page, "/audit", ".bar h1"); await page.waitForFunction(() => !document.querySelector("main p.status")); await shot(page, "audit"); } await context.close(); }
}
await b.close();
