import type { RequesterKind } from "@/api";

/** In the order of the law; who stands for the patient first. */
export const REQUESTERS: readonly RequesterKind[] = [
  "patient", "representative", "chosen-representative", "lawyer", "health-authority", "investigation", "procuracy", "court", "inspection", "forensic",
  "social-insurance", "private-insurer", "state-compensation", "learner", "practitioner", "other-facility",
];
const FOR_THE_PATIENT: readonly RequesterKind[] = ["patient", "representative", "chosen-representative"];

/** Whoever asks for an office says which. */
export const hasOrganisation = (kind: RequesterKind) => !FOR_THE_PATIENT.includes(kind);
export const summaryOnly = (kind: RequesterKind) => kind === "chosen-representative";
/** Nothing goes to them but by the patient's own written request, or a consent that stands. */
export const needsWill = (kind: RequesterKind) => kind === "private-insurer" || kind === "other-facility";
