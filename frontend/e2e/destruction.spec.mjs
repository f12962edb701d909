// What is over is destroyed by two people: the record room lists it, the head of the hospital approves, and the screen says what it waits for.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ask, BASE, firstWard, login, openBrowser, terminal, violations, visit } from "./hospital.mjs";

const DATA = process.env.BENHAN_DATA_DIR ?? path.dirname(process.env.BENHAN_DEMO ?? "../data/demo.json");
const BENHAN = process.env.BENHAN_BIN ?? fileURLToPath(new URL("../../target/debug/benhan", import.meta.url));
const DECISION = "QĐ 15/QĐ-BV ngày 04/01/2027";

let browser, folder;
before(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(path.join(tmpdir(), "benhan-destruction-"));
});
after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

function tell(page, to, body) {
  return page.evaluate(async ([where, what]) => {
    const session = await (await fetch("/api/v1/auth/session")).json();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": session.csrf };
    return (await fetch(`/api/v1${where}`, { method: "POST", headers, body: JSON.stringify(what) })).json();
  }, [to, body]);
}

async function enters(role) {
  const { page, context, faults } = await terminal(browser, { audit: true });
  const user = await login(page, role);
  return { page, context, faults, user };
}

/** Years go by: the term of a closed record, which is not sealed yet, is over. */
function yearsLater(stay) {
  const change = "import sqlite3,sys; c=sqlite3.connect(sys.argv[1],timeout=30); c.execute(\"UPDATE medical_record SET kept_until=2020 WHERE encounter_id=? AND state='closed'\",(sys.argv[2],)); c.commit()";
  execFileSync("python3", ["-c", change, path.join(DATA, "record.db"), stay]);
}

/** Treated, closed and archived, with a term that is over. */
async function over(ward, desk, head, room, name) {
  const { id: wardId } = await firstWard(ward.page);
  const patient = await tell(ward.page, "/patients", { name, birthDate: "1958-03-12", sex: "male" });
  const stay = await tell(ward.page, `/patients/${patient.id}/encounters`, { wardId, diagnosis: "Viêm phổi" });
  const set = await tell(ward.page, `/encounters/${stay.id}/vitals`, { effectiveAt: new Date().toISOString(), values: [{ code: "pulse", value: 82 }] });
  await tell(ward.page, "/vitals/unsigned/sign", { pin: ward.user.pin, setIds: [set.id] });
  await tell(desk.page, `/encounters/${stay.id}/discharge`, { outcome: "home" });
  await tell(desk.page, `/encounters/${stay.id}/record/close`, { grounds: [] });
  const confirmed = await tell(head.page, "/confirmations", { encounterIds: [stay.id], pin: head.user.pin });
  assert.equal(confirmed.confirmed.length, 1, JSON.stringify(confirmed));
  yearsLater(stay.id);
  const life = await tell(room.page, `/encounters/${stay.id}/record/archive`, null);
  assert.equal(life.state, "archived", JSON.stringify(life));
  return { id: stay.id, number: life.archiveNumber };
}

const settled = (page) => page.waitForFunction(() => document.querySelector("main .status[role=status]") === null);

// Clauses: RET-x, SEC-11
test("the record room picks what is over, the head of the hospital approves, and nothing but the minutes is left", async () => {
  const [ward, desk, head, room] = [await enters("nurse"), await enters("doctor"), await enters("director"), await enters("record-room")];

  await visit(room.page, "/archive/due", ".bar h1");
  await settled(room.page);
  assert.match(await room.page.locator("main").innerText(), /Không có hồ sơ nào đến hạn trong năm nay/);
  assert.deepEqual(await violations(room.page), [], "nothing is due");
  assert.equal(await desk.page.locator("nav.rail a", { hasText: "Lưu trữ" }).count(), 0, "a doctor decides on none");
  await head.page.locator("nav.rail a", { hasText: "Lưu trữ" }).click();
  await head.page.locator(".bar .chip", { hasText: "Danh mục tiêu hủy" }).click();
  await head.page.locator(".empty-state", { hasText: "Chưa có danh mục nào" }).waitFor();

  const run = Date.now();
  const gone = await over(ward, desk, head, room, `Phạm Thị Hết ${run}`);
  const held = await over(ward, desk, head, room, `Trần Văn Giữ ${run}`);
  const spared = await over(ward, desk, head, room, `Lý Văn Còn ${run}`);
  await tell(room.page, `/encounters/${held.id}/record/holds`, { ground: "court", reason: "Quyết định 12/QĐ-TA" });
  execFileSync(BENHAN, ["backup", "--data-dir", DATA, "--to", path.join(folder, "target")], { stdio: "pipe" });

  await visit(room.page, "/archive/lists", ".empty-state");
  await room.page.locator(".bar .chip", { hasText: "Đến hạn tiêu hủy" }).click();
  const line = (number) => room.page.locator(".duecard tbody tr", { hasText: number });
  await line(held.number).waitFor();
  assert.match(await line(held.number).innerText(), /Chưa tiêu hủy được\s+Đang bị giữ/);
  assert.equal(await line(held.number).getByRole("checkbox").isDisabled(), true);
  const all = room.page.getByLabel("Chọn mọi hồ sơ tiêu hủy được đang hiện");
  await all.focus();
  await room.page.keyboard.press("Space");
  await room.page.locator(".pickbar [role=status]", { hasText: "Đã chọn 2 hồ sơ" }).waitFor();
  assert.deepEqual(await violations(room.page), [], "what is due");

  await room.page.getByRole("button", { name: "Lập danh mục" }).focus();
  await room.page.keyboard.press("Enter");
  await room.page.waitForSelector("[role=dialog] [name=decision]");
  await room.page.keyboard.press("Enter");
  await room.page.locator("[role=dialog] .refusal", { hasText: "Ghi số và ngày quyết định" }).waitFor();
  // A hold comes while the dialog is open: the server refuses that one record, and says why.
  await tell(room.page, `/encounters/${spared.id}/record/holds`, { ground: "dispute", reason: "Đơn khiếu nại 3" });
  await room.page.keyboard.type(DECISION);
  await room.page.keyboard.press("Enter");
  await room.page.locator("[role=dialog] .refusedlist li", { hasText: spared.number }).waitFor();
  assert.deepEqual(await violations(room.page), [], "a refused list");
  await room.page.getByRole("button", { name: "Bỏ các hồ sơ này" }).click();
  await room.page.locator("[role=dialog] .btn.p").click();
  await room.page.locator(".destruction h2 .tag", { hasText: "Chờ người thứ hai phê duyệt" }).waitFor();
  assert.equal(await room.page.getByRole("button", { name: "Phê duyệt" }).count(), 0, "who made it approves nothing");
  assert.deepEqual(await violations(room.page), [], "a list that waits");

  await head.page.getByRole("button", { name: "Danh mục tiêu hủy" }).click();
  await head.page.reload();
  await head.page.getByRole("link", { name: /^Xem \d\d-TH/ }).first().click();
  await head.page.getByRole("button", { name: "Phê duyệt" }).click();
  await head.page.locator("[role=dialog]", { hasText: "Phê duyệt tiêu hủy 1 hồ sơ" }).waitFor();
  assert.deepEqual(await violations(head.page), [], "the approval");
  await head.page.locator("[role=dialog] .btn.p").click();
  await head.page.locator(".destruction h2 .tag", { hasText: "Đã phê duyệt" }).waitFor();
  assert.equal(await head.page.getByRole("button", { name: /^Tiêu hủy/ }).count(), 0, "the record room begins");

  // The medium with a copy of the keys lies in a cupboard.
  renameSync(path.join(folder, "target"), path.join(folder, "cupboard"));
  await room.page.reload();
  await room.page.getByRole("button", { name: "Tiêu hủy 1 hồ sơ" }).click();
  const sure = room.page.locator("[role=dialog]");
  await sure.waitFor();
  assert.match(await sure.innerText(), /không lấy lại được[^]*1 hồ sơ trong danh mục[^]*kể cả từ bản sao lưu cũ/);
  assert.deepEqual(await violations(room.page), [], "the last question");
  await sure.getByRole("button", { name: "Tiêu hủy 1 hồ sơ" }).click();
  await room.page.locator(".waits", { hasText: path.join(folder, "target") }).waitFor();
  assert.match(await room.page.locator(".progressline").innerText(), /Đã xong 0 trong 1 hồ sơ/);
  assert.deepEqual(await violations(room.page), [], "a destruction that waits");

  renameSync(path.join(folder, "cupboard"), path.join(folder, "target"));
  await room.page.locator(".destruction h2 .tag", { hasText: "Đã tiêu hủy xong" }).waitFor();
  const link = room.page.getByRole("link", { name: "Mở biên bản (PDF)" });
  const href = await link.getAttribute("href");
  const sheet = await room.page.evaluate(async (url) => {
    const answer = await fetch(url);
    return [answer.headers.get("content-type"), (await answer.text()).slice(0, 5)];
  }, href);
  assert.deepEqual(sheet, ["application/pdf", "%PDF-"]);
  assert.deepEqual(await violations(room.page), [], "a list that is done");
  assert.equal((await ask(room.page, `/encounters/${gone.id}/record`)).code, "record-destroyed");
  await room.page.locator(".bar .chip", { hasText: "Đã tiêu hủy" }).click();
  await room.page.locator(".archivelist tr", { hasText: gone.number }).waitFor();
  assert.equal(await room.page.locator(".archivelist").getByRole("link").count(), 0, "there is nothing to open");
  assert.deepEqual(await violations(room.page), [], "what was destroyed");
  assert.ok(room.page.url().startsWith(BASE));
  for (const { context, faults } of [ward, desk, head, room]) {
    assert.deepEqual(faults, []);
    await context.close();
  }
});
