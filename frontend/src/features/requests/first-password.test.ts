import { describe, expect, it } from "vitest";
import { firstPassword } from "./first-password";

describe("the first password of a reader from outside", () => {
  const many = Array.from({ length: 300 }, () => firstPassword());

  it("is long, of four kinds of signs, and never twice the same", () => {
    for (const one of many) {
      expect(one.length).toBeGreaterThanOrEqual(14);
      for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /-/]) expect(one).toMatch(kind);
    }
    expect(new Set(many).size).toBe(many.length);
  });

  it("has no sign that Telex or VNI changes, or that is taken for another on paper", () => {
    expect(many.join("")).not.toMatch(/[aeiouydwAEIOUYDWlI01]/);
    expect(many.every((one) => /^[A-Za-z2-9]{4}(-[A-Za-z2-9]{4}){3}$/.test(one))).toBe(true);
  });

  it("throws away what would make some signs likelier, and draws again until every kind is there", () => {
    const bytes = [255, 215, ...Array<number>(16).fill(0), ...Array<number>(14).fill(0), 17, 35];
    const drawn = firstPassword((into) => into.fill(bytes.shift() ?? 0));
    expect(drawn).toBe("bbbb-bbbb-bbbb-bbB2");
    expect(bytes).toEqual([]);
  });
});
