import { describe, expect, it } from "vitest";
import { fromBase64Url, toBase64Url } from "./security-key";

describe("base64url", () => {
  it("brings bytes of every value and length there and back, without what a URL would change", () => {
    for (const length of [0, 1, 2, 3, 32, 256]) {
      const bytes = Uint8Array.from({ length }, (_, at) => 255 - at);
      const text = toBase64Url(bytes.buffer);
      expect(text).toMatch(/^[\w-]*$/);
      expect([...fromBase64Url(text)]).toEqual([...bytes]);
    }
    expect(toBase64Url(Uint8Array.from([251, 255]).buffer)).toBe("-_8");
  });
});
