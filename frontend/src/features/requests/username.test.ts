import { expect, it } from "vitest";
import { usernameFor } from "./username";

it("a name to log in with is proposed without marks, as the server takes it", () => {
  expect(["Nguyễn Văn Con", " ĐỖ  thị Ưu (LS.) ", "Lê-Ẩn"].map(usernameFor)).toEqual(["nguyen.van.con", "do.thi.uu.ls", "le.an"]);
});

it("is short enough, and left to the person where nothing comes of the name", () => {
  expect(usernameFor("Tôn Nữ ".repeat(12))).toMatch(/^[a-z.]{1,63}[a-z]$/);
  expect(["", "Ý", "王"].map(usernameFor)).toEqual(["", "", ""]);
});
