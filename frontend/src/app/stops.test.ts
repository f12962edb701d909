import { describe, expect, it } from "vitest";
import type { Role } from "@/api";
import { standing, stopsOf, waitingAt } from "./stops";

const ROLES: readonly Role[] = ["nurse", "head-nurse", "doctor", "lab-technician", "radiologist", "record-room", "director", "administrator", "auditor"];

describe("the rail", () => {
  it.each(ROLES)("offers %s only screens that open, and at least one", (role) => {
    const stops = stopsOf(role);
    expect(stops.length).toBeGreaterThan(0);
    expect(stops.map((stop) => standing(stop.to, role, true))).toEqual(stops.map(() => "open"));
  });

  it("gives an administrator, who has no ward, the accounts and the devices, and no patient", () => {
    expect(stopsOf("administrator").map((stop) => stop.to)).toEqual(["/attention", "/incidents", "/decisions", "/devices", "/users", "/audit", "/access"]);
    expect(standing("/users", "administrator", false)).toBe("open");
    expect(standing("/chart/1", "administrator", false)).toBe("elsewhere");
  });

  it("has nothing for a reader from outside, at whatever address", () => {
    expect(stopsOf("outsider")).toEqual([]);
    expect(["/", "/patients", "/chart/1", "/requests", "/users"].map((place) => standing(place, "outsider", false))).toEqual(Array(5).fill("elsewhere"));
  });

  it("counts what waits at the stop where it waits, and nothing where nothing is known", () => {
    const counts = (waiting: object) => stopsOf("radiologist").map((stop) => waitingAt(stop, waiting)).filter((count) => count > 0);
    expect(counts({ inbox: 7, studies: 3, attention: 2 })).toEqual([3, 2]);
    expect(counts({})).toEqual([]);
  });

  it("tells a nurse without a ward so, and leaves unknown addresses to the router", () => {
    expect(standing("/", "nurse", false)).toBe("no-ward");
    expect(standing("/chart/1/notes", "nurse", true)).toBe("open");
    expect(standing("/users", "nurse", true)).toBe("elsewhere");
    expect(standing("/nowhere", "nurse", true)).toBe("open");
  });
});
