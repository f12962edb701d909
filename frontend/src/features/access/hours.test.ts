import { describe, expect, it } from "vitest";
import { minutesOf, rowsOf, told, windowsOf } from "./hours";

describe("hours of access", () => {
  it("are told with days in a row together", () => {
    const windows = [1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: 420, to: 1020 }));
    expect(told({ windows: [...windows, { weekday: 7, from: 1320, to: 360 }], graceMinutes: 0 })).toBe("T2–T6 07:00–17:00, CN 22:00–06:00");
    expect(told({ windows: [1, 3].map((weekday) => ({ weekday, from: 0, to: 1440 })), graceMinutes: 0 })).toBe("T2, T4 00:00–24:00");
  });

  it("are typed as the ward writes clock times", () => {
    expect([minutesOf("7"), minutesOf("7:05"), minutesOf("0705"), minutesOf("7h30"), minutesOf("24:00")]).toEqual([420, 425, 425, 450, 1440]);
    expect([minutesOf("24:01"), minutesOf("7:60"), minutesOf("x"), minutesOf("")]).toEqual([null, null, null, null]);
  });

  it("go into the form and come back the same", () => {
    expect(windowsOf(rowsOf(null))).toEqual([1, 2, 3, 4, 5].map((weekday) => ({ weekday, from: 420, to: 1020 })));
    const windows = [{ weekday: 7, from: 1320, to: 360 }];
    expect(windowsOf(rowsOf({ windows, graceMinutes: 5 }))).toEqual(windows);
    expect(windowsOf([{ days: "monday", from: "24:00", to: "7:00" }])).toBeNull();
  });
});
