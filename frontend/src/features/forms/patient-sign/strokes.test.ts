import { expect, test } from "vitest";
import { asDrawing, faultOf, pathOf, pointAt, type Point } from "./strokes";

const wave: Point[] = Array.from({ length: 40 }, (_, n): Point => [1000 + n * 90, 1500 + (n % 5) * 60, n * 16, 500]);

test("nothing, a dot and a slip of the hand are no signature", () => {
  expect(faultOf([])).toBe("drawFirst");
  expect(faultOf([[[10, 10, 0, 500]]])).toBe("tooShort");
  expect(faultOf([Array.from({ length: 50 }, (): Point => [10, 10, 0, 500])])).toBe("tooShort");
  expect(faultOf([wave])).toBeNull();
  expect(faultOf([Array.from({ length: 8000 }, (): Point => [10, 10, 0, 500])])).toBe("full");
});
test("a touch stays on the pad and in its time", () => {
  expect(pointAt({ x: 0.5, y: 0.5 }, 12.4, 0.5, undefined)).toEqual([5000, 1500, 12, 500]);
  expect(pointAt({ x: -1, y: 2 }, 5, 3, [0, 0, 90, 0])).toEqual([0, 3000, 90, 1000]);
});
test("what is sent is what was drawn", () => {
  expect(asDrawing([wave]).strokes[0]).toEqual(wave);
  expect(pathOf([[[10, 20, 0, 0], [30, 40, 1, 0]], [[5, 5, 2, 0]]])).toBe("M1 2L3 4M0.5 0.5h1");
});
