import { describe, expect, it } from "vitest";
import type { PersonRef, Role } from "@/api";
import vi from "@/i18n/vi/colleagues";
import { offered, turned } from "./colleagues";

const roleName = (role: Role) => vi[`role-${role}`];
const ha: PersonRef = { id: "1", name: "Lê Thu Hà", role: "nurse" };
const mai: PersonRef = { id: "2", name: "Phạm Tuyết Mai", role: "head-nurse" };
const duc: PersonRef = { id: "3", name: "Đỗ Văn Đức", role: "doctor" };
const all = [mai, ha, duc];

describe("the picker of colleagues", () => {
  it("offers everybody in the server's order, who is not chosen yet", () => {
    expect(offered(all, [], "", roleName)).toEqual([mai, ha, duc]);
    expect(offered(all, [ha], " ", roleName)).toEqual([mai, duc]);
  });

  it("finds by name and by role, from the start of words, without accents and in any order", () => {
    expect(offered(all, [], "duc do", roleName)).toEqual([duc]);
    expect(offered(all, [], "điều dưỡng", roleName)).toEqual([mai, ha]);
    expect(offered(all, [], "dieu duong ha", roleName)).toEqual([ha]);
    expect(offered(all, [], "BÁC SĨ", roleName)).toEqual([duc]);
  });

  it("offers nobody twice, and nobody for a name that is not there", () => {
    expect(offered(all, [duc], "duc", roleName)).toEqual([]);
    expect(offered(all, [], "Nguyễn", roleName)).toEqual([]);
  });

  it("walks round the ends of the list", () => {
    expect([turned(0, "ArrowDown", 3), turned(2, "ArrowDown", 3), turned(0, "ArrowUp", 3), turned(0, "ArrowUp", 0)]).toEqual([1, 0, 2, 0]);
  });
});
