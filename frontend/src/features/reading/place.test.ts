import { expect, it } from "vitest";
import { placeAt } from "./place";

it("a reader from outside has their list, and a record with or without a sheet in hand", () => {
  expect(placeAt("/")).toBe("grants");
  expect(placeAt("/reading/r1")).toEqual({ requestId: "r1", documentId: undefined });
  expect(placeAt("/reading/r1/d1")).toEqual({ requestId: "r1", documentId: "d1" });
});

it("every screen of the staff is elsewhere", () => {
  expect(["/patients", "/chart/1", "/requests", "/reading", "/reading/r1/d1/more"].map(placeAt)).toEqual(Array(5).fill("elsewhere"));
});
