import { describe, expect, it } from "vitest";
import { nextOf, progressOf } from "./progress";

const away = "Chờ nối lại nơi sao lưu để hủy khóa: /mnt/backup";

describe("a list that is carried out", () => {
  it("counts what is settled, and says once what it waits for", () => {
    const records = [
      { state: "destroyed", note: "" }, { state: "kept", note: "Đang bị giữ" }, { state: "destroying", note: away },
      { state: "destroying", note: away }, { state: "listed", note: "" },
    ] as const;
    expect(progressOf(records)).toEqual({ done: 2, all: 5, kept: 1, waits: [away] });
    expect(progressOf([{ state: "destroying", note: "" }])).toEqual({ done: 0, all: 1, kept: 0, waits: [] });
  });

  it("tells each person what comes next", () => {
    const at = (state: "proposed" | "approved" | "begun" | "done" | "cancelled", mayApprove = false, mayBegin = false) => nextOf({ state, mayApprove, mayBegin });
    expect([at("proposed", true), at("proposed")]).toEqual(["nextApprove", "nextOther"]);
    expect([at("approved", false, true), at("approved")]).toEqual(["nextBegin", "nextRoom"]);
    expect([at("begun"), at("done"), at("cancelled")]).toEqual(["nextBegun", "nextDone", "nextCancelled"]);
  });
});
