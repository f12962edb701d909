// National Early Warning Score 2 (Royal College of Physicians, 2017), SpO₂ scale 1. A preview while the nurse types:
// the score of the record is the server's. news2.vectors.json holds both to the same answers.
import type { Band, News2, VitalCode } from "@/api/types";

/** What was measured; a code that is absent was not. `oxygen`: true = on oxygen. */
export interface News2Input {
  resp?: number; spo2?: number; oxygen?: boolean; sbp?: number; pulse?: number; acvpu?: "A" | "C" | "V" | "P" | "U"; temp?: number;
  ageYears: number; pregnant: boolean;
}

const score = (value: number, steps: readonly (readonly [upTo: number, points: number])[]) => steps.find(([upTo]) => value <= upTo)?.[1] ?? 0;
const TOP = Number.POSITIVE_INFINITY;
const RESP = [[8, 3], [11, 1], [20, 0], [24, 2], [TOP, 3]] as const;
const SPO2 = [[91, 3], [93, 2], [95, 1], [TOP, 0]] as const;
const SBP = [[90, 3], [100, 2], [110, 1], [219, 0], [TOP, 3]] as const;
const PULSE = [[40, 3], [50, 1], [90, 0], [110, 1], [130, 2], [TOP, 3]] as const;
const TEMP = [[35, 3], [36, 1], [38, 0], [39, 1], [TOP, 2]] as const;

export const NEWS2_CODES = ["resp", "spo2", "oxygen", "sbp", "pulse", "acvpu", "temp"] as const satisfies readonly VitalCode[];
export const YOUNGEST = 16;

function pointsOf(code: (typeof NEWS2_CODES)[number], input: News2Input): number | null {
  const graded = (value: number | undefined, steps: typeof RESP | typeof SPO2 | typeof SBP | typeof PULSE | typeof TEMP) => (value === undefined ? null : score(value, steps));
  switch (code) {
    case "resp": return graded(input.resp, RESP);
    case "spo2": return graded(input.spo2, SPO2);
    case "sbp": return graded(input.sbp, SBP);
    case "pulse": return graded(input.pulse, PULSE);
    // Scored on tenths: 38.04 is 38.0.
    case "temp": return graded(input.temp === undefined ? undefined : Math.round(input.temp * 10) / 10, TEMP);
    case "oxygen": return input.oxygen === undefined ? null : input.oxygen ? 2 : 0;
    case "acvpu": return input.acvpu === undefined ? null : input.acvpu === "A" ? 0 : 3;
  }
}

export function bandOf(total: number, single3: boolean): Band {
  if (total >= 7) return "emergency";
  if (total >= 5 || single3) return "urgent";
  return total >= 1 ? "watch" : "none";
}

export function news2(input: News2Input): News2 {
  const notApplicable = input.ageYears < YOUNGEST ? "age" : input.pregnant ? "pregnancy" : null;
  if (notApplicable) return { total: null, band: null, single3: false, missing: [], notApplicable, parts: [] };
  const parts: News2["parts"] = [];
  const missing: VitalCode[] = [];
  for (const code of NEWS2_CODES) {
    const points = pointsOf(code, input);
    if (points === null) missing.push(code);
    else parts.push({ code, score: points });
  }
  const single3 = parts.some((part) => part.score === 3);
  // No total from a part of the picture: a half score reads as a low one.
  if (missing.length > 0) return { total: null, band: null, single3, missing, notApplicable: null, parts };
  const total = parts.reduce((sum, part) => sum + part.score, 0);
  return { total, band: bandOf(total, single3), single3, missing, notApplicable: null, parts };
}
