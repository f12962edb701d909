import { expect, it } from "vitest";
import { draftsOf } from "./drafts";

function storage(): Storage {
  const held = new Map<string, string>();
  return { get length() { return held.size; }, key: (i) => [...held.keys()][i] ?? null, getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value), removeItem: (key) => void held.delete(key), clear: () => held.clear() };
}

it("keeps each person's drafts apart on a shared terminal", () => {
  const shared = storage();
  draftsOf("hà", shared).write("round.e1", { pulse: "78" });
  expect(draftsOf("việt", shared).read("round.e1")).toBeNull();
  expect(draftsOf("hà", shared).read("round.e1")).toEqual({ pulse: "78" });
  expect(draftsOf("hà", shared).names("round.")).toEqual(["round.e1"]);
});
it("drops what the server has, and forgets what is three days old", () => {
  const shared = storage();
  let now = 0;
  const drafts = draftsOf("hà", shared, () => now);
  drafts.write("a", 1);
  drafts.write("b", 2);
  drafts.drop("a");
  expect(drafts.names("")).toEqual(["b"]);
  now = 4 * 86_400_000;
  expect(drafts.read("b")).toBeNull();
});
it("survives a spoilt entry", () => {
  const shared = storage();
  shared.setItem("benhan.draft.hà.a", "{half");
  expect(draftsOf("hà", shared).read("a")).toBeNull();
});
