// The roles in words, and which of them the administrator gives out.
import type { Role } from "@/api";

export const ROLES = { nurse: "roleNurse", "head-nurse": "roleHeadNurse", doctor: "roleDoctor", "lab-technician": "roleLab", radiologist: "roleRadiologist", "record-room": "roleRecordRoom", director: "roleDirector", administrator: "roleAdmin", auditor: "roleAuditor", outsider: "roleOutsider" } as const satisfies Record<Role, string>;

/** Whoever reads from outside has an account of the record room, on a request that was granted. */
export const OFFERED = (Object.keys(ROLES) as Role[]).filter((role) => role !== "outsider");
