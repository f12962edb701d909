import { expect, it } from "vitest";
import { OFFERED, ROLES } from "./roles";

it("an administrator gives every role but that of a reader from outside", () => {
  expect(Object.keys(ROLES).filter((role) => !(OFFERED as string[]).includes(role))).toEqual(["outsider"]);
});
