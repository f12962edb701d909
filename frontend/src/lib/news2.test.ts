import { describe, expect, it } from "vitest";
import { news2, type News2Input } from "./news2";
import vectors from "./news2.vectors.json";

describe("NEWS2 agrees with the vectors that the server is held to", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", (_name, vector) => {
    expect(news2(vector.input as News2Input)).toEqual(vector.expect);
  });
  it("has a vector on both sides of every threshold", () => expect(vectors.length).toBeGreaterThan(60));
});
