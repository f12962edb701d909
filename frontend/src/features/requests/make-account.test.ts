import { afterEach, expect, it, vi } from "vitest";
import { makeAccount } from "./make-account";

const account = { username: "Tran.Soi", password: "bcfg-HJKM-2345-npqr" };
const reader = { username: "tran.soi", endedAt: null, givenBy: { id: "me", name: "", role: "record-room" } };
/** Answers one after the other: an object with 200, a code with 409, nothing as a dead network. */
function answers(...list: (object | string | null)[]): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(() => {
    const next = list.shift() ?? null;
    if (next === null) return Promise.reject(new TypeError("network"));
    const body = typeof next === "string" ? { code: next, detail: next } : next;
    return Promise.resolve(new Response(JSON.stringify(body), { status: typeof next === "string" ? 409 : 200, headers: { "content-type": "application/json" } }));
  });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}
afterEach(() => vi.unstubAllGlobals());

it("an account that was made although its answer was lost is handed over, not asked for again", async () => {
  answers(null, { reader });
  expect(await makeAccount("r1", account, "me")).toEqual({ reader });
  answers(null, null);
  await expect(makeAccount("r1", account, "me")).rejects.toMatchObject({ code: "offline" });
  answers("has-reader", { reader });
  expect(await makeAccount("r1", account, "me")).toEqual({ reader });
});

it("whose account somebody else made, or that has ended, is refused as the server says", async () => {
  for (const other of [null, { ...reader, endedAt: "2026-12-01T00:00:00Z" }, { ...reader, username: "tran.soi2" }, { ...reader, givenBy: { ...reader.givenBy, id: "other" } }]) {
    answers("username-taken", { reader: other });
    await expect(makeAccount("r1", account, "me")).rejects.toMatchObject({ code: "username-taken" });
  }
});
