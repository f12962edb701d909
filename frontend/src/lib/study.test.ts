import { expect, test } from "vitest";
import { studyTitle } from "./study";

test("a study without a description still has a name", () => {
  const study = { description: "  ", modalities: ["CT", "SR"], accession: "NGOAI99", studyUid: "1.2.3" };
  expect(studyTitle({ ...study, description: "CT sọ não" })).toBe("CT sọ não");
  expect(studyTitle(study)).toBe("CT, SR");
  expect(studyTitle({ ...study, modalities: [""] })).toBe("NGOAI99");
  expect(studyTitle({ ...study, modalities: [], accession: "" })).toBe("1.2.3");
});
