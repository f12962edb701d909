import { expect, it } from "vitest";
import { draftsOf, forgetDrafts } from "@/lib/drafts";
import { dropWords, holdsWords, keepWords, keptWords } from "./keep";

function storage(): Storage {
  const held = new Map<string, string>();
  return { get length() { return held.size; }, key: (i) => [...held.keys()][i] ?? null, getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value), removeItem: (key) => void held.delete(key), clear: () => held.clear() };
}
const words = (text: string) => ({ typed: { "ly-do": text }, effective: "08:05 28/11/2026", reason: null, at: 1 });

it("gives back the words of the newest version they were typed over", () => {
  const drafts = draftsOf("việt", storage());
  keepWords(drafts, "d1", 9, words("sốt"));
  keepWords(drafts, "d1", 10, words("sốt cao"));
  expect(keptWords(drafts, "d1")).toEqual({ version: 10, kept: words("sốt cao") });
  expect(keptWords(drafts, "d2")).toBeNull();
  dropWords(drafts, "d1");
  expect(holdsWords(drafts, "d1")).toBe(false);
});
it("keeps one sheet's words apart from another's whose id begins alike", () => {
  const drafts = draftsOf("việt", storage());
  keepWords(drafts, "d1", 1, words("a"));
  expect(holdsWords(drafts, "d")).toBe(false);
});
it("leaves nothing behind at logout, and nothing of another person at login", () => {
  const tab = storage();
  tab.setItem("else", "stays");
  keepWords(draftsOf("việt", tab), "d1", 1, words("của Việt"));
  keepWords(draftsOf("hà", tab), "d1", 1, words("của Hà"));
  forgetDrafts(tab, "hà");
  expect(holdsWords(draftsOf("việt", tab), "d1")).toBe(false);
  expect(holdsWords(draftsOf("hà", tab), "d1")).toBe(true);
  forgetDrafts(tab);
  expect(tab.length).toBe(1);
});
