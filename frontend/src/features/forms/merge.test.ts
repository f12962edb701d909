import { expect, it } from "vitest";
import { differences, onTop } from "./merge";
import { FORM } from "./sample";
import { typedForm } from "./typed";

const base = typedForm(FORM, { "ly-do": "Sốt", "benh-su": "Ba ngày", "nhiet-do": 38.5 });

it("shows what I changed, and where both of us wrote", () => {
  const mine = { ...base, "ly-do": "Sốt cao", "benh-su": "Ba ngày nay, rét run" };
  const theirs = { ...base, "ly-do": "Sốt, ho", "nhiet-do": "39" };
  const found = differences(FORM, base, mine, theirs);
  expect(found.map(({ field, clash }) => [field.name, clash])).toEqual([["ly-do", true], ["benh-su", false]]);
  const merged = onTop(theirs, found.filter((one) => !one.clash));
  expect([merged["ly-do"], merged["benh-su"], merged["nhiet-do"]]).toEqual(["Sốt, ho", "Ba ngày nay, rét run", "39"]);
});
it("has nothing to ask when the newer version says the same", () => {
  const mine = { ...base, "ly-do": "Sốt cao" };
  expect(differences(FORM, base, mine, mine)).toEqual([]);
});
