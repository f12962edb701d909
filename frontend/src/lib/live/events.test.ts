import { expect, it } from "vitest";
import type { Occupant, WardBoard } from "@/api/types";
import { parseEvent, withLive, withOccupant } from "./events";

const occupant = (encounterId: string): Occupant => ({
  encounterId, patientId: "p", patientCode: "26.000.001", name: "Lê Ngọc Ẩn", sex: "female", ageYears: 56, ageText: "56t", diagnosis: "", restricted: false, sameName: false,
  allergies: [], pregnant: false, news2: null, vitalsAt: null, vitalsDueAt: null, lastVitals: {}, newResults: 0, critical: null, unsigned: 0, proposed: 0,
  live: [{ code: "pulse", value: 80, at: "2026-11-22T01:00:10Z" }],
});
const board: WardBoard = {
  ward: { id: "w", code: "NOI", name: "Nội" }, now: "2026-11-22T01:00:10Z", cursor: "1", waiting: { inbox: 0, studies: 0 },
  beds: [{ bedId: "b1", label: "G01", position: 1, occupants: [occupant("e1")] }, { bedId: "b2", label: "G02", position: 2, occupants: [occupant("e2")] }],
};

it("puts a newer monitor value on its card and leaves the other cards untouched", () => {
  const next = withLive(board, { values: [{ encounterId: "e2", code: "pulse", value: 91, at: "2026-11-22T01:00:11Z" }] });
  expect(next.beds[1]?.occupants[0]?.live).toEqual([{ code: "pulse", value: 91, at: "2026-11-22T01:00:11Z" }]);
  expect(next.beds[0]).toBe(board.beds[0]);
});
it("drops a value that is older than the one shown, and then changes nothing at all", () => {
  expect(withLive(board, { values: [{ encounterId: "e1", code: "pulse", value: 60, at: "2026-11-22T00:59:00Z" }] })).toBe(board);
});
it("takes the server's card but keeps monitor values when that card carries none", () => {
  const next = withOccupant(board, { ...occupant("e1"), newResults: 2, live: [] });
  expect(next.beds[0]?.occupants[0]?.newResults).toBe(2);
  expect(next.beds[0]?.occupants[0]?.live).toHaveLength(1);
});
it("ignores an event that it does not know or cannot read", () => {
  expect(parseEvent("gossip", "{}")).toBeNull();
  expect(parseEvent("live", "{half")).toBeNull();
});
