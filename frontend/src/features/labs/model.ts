// Results as a cumulative table: a row a test, a column a collection, newest first. Pure.
import type { Result } from "@/api/types";

export interface Cumulative { times: string[]; tests: { code: string; name: string; unit: string; range: string; cells: Map<string, Result> }[] }

export function cumulative(results: readonly Result[]): Cumulative {
  const times = [...new Set(results.map((result) => result.effectiveAt))].sort((a, b) => b.localeCompare(a));
  const tests = new Map<string, Cumulative["tests"][number]>();
  const newestFirst = [...results].sort((a, b) => b.effectiveAt.localeCompare(a.effectiveAt) || b.version - a.version);
  for (const result of newestFirst) {
    const test = tests.get(result.code) ?? { code: result.code, name: result.name, unit: result.unit, range: result.referenceRange, cells: new Map<string, Result>() };
    if (!test.cells.has(result.effectiveAt)) test.cells.set(result.effectiveAt, result);
    tests.set(result.code, test);
  }
  return { times, tests: [...tests.values()].sort((a, b) => a.name.localeCompare(b.name, "vi")) };
}
export const FLAG_MARK: Record<NonNullable<Result["flag"]>, string> = { H: "↑", HH: "↑↑", L: "↓", LL: "↓↓", A: "!" };
export const toneOf = (result: Result) => (result.critical || result.flag === "HH" || result.flag === "LL" ? "cr" : result.flag ? "hi" : "");
