// Who answers for a patient, as the server takes it; what is still missing is said before anything is sent.
import type { ConsentSheet, RepresentativeOf } from "@/api";

export const RELATIONS = ["spouse", "parent", "child", "sibling", "grandparent", "grandchild", "guardian", "authorised", "other"] as const;
export const GROUNDS = ["minor", "incapable", "unable", "chosen"] as const;
export const PAPERS = ["citizen-card", "passport", "birth-certificate", "other"] as const;

export interface Answering { self: boolean; other: boolean; representative: RepresentativeOf }

/** Nobody is chosen beforehand, unless the age leaves no choice. */
export const nobodyYet = (answers: ConsentSheet["answers"]): Answering => ({
  self: false,
  other: answers === "representative" || answers === "both",
  representative: { name: "", relation: "", ground: answers === "representative" || answers === "both" ? "minor" : "", idPaper: "citizen-card", idNumber: "" },
});

export type Gap = "needWho" | "needChild" | "needRepresentative" | null;
export function gapOf({ self, other, representative }: Answering, answers: ConsentSheet["answers"]): Gap {
  if (!self && !other) return "needWho";
  if (answers === "both" && !self) return "needChild";
  const { name, relation, ground, idPaper, idNumber } = representative;
  const whole = name.trim().length >= 2 && relation && ground && idPaper && idNumber.replace(/\s/g, "").length >= 4;
  return other && !whole ? "needRepresentative" : null;
}

export const sent = ({ other, representative }: Answering): RepresentativeOf | null => (other ? { ...representative, name: representative.name.trim().normalize("NFC"), idNumber: representative.idNumber.replace(/\s/g, "") } : null);
