// What a study is called. Its description is optional in DICOM (type 3), so older modalities leave it out.
import type { Study } from "@/api";

export const studyTitle = ({ description, modalities, accession, studyUid }: Pick<Study, "description" | "modalities" | "accession" | "studyUid">) =>
  [description.trim(), modalities.filter(Boolean).join(", "), accession, studyUid].find(Boolean) ?? "";
