// The screens of the rail, and who has them: the same as the server's policy, which decides anyway. A screen that would
// only be refused is not offered.
import type { Role } from "@/api";
import type { IconName } from "@/ui/icons";

export interface Stop {
  to: string;
  icon: IconName;
  name: "board" | "round" | "patients" | "signing" | "scans" | "orders" | "results" | "waiting" | "images" | "attention" | "incidents" | "archive" | "confirmations" | "requests" | "personalData" | "decisions" | "devices" | "users" | "audit" | "access";
  /** Screens without an entry of their own that belong here. */
  under?: string;
  for: readonly Role[];
  /** Shows patients of the ward in hand. */
  ward?: true;
}

const CLINICAL: readonly Role[] = ["nurse", "head-nurse", "doctor", "lab-technician", "radiologist", "record-room", "director", "auditor"];
const STOPS: readonly Stop[] = [
  { to: "/", icon: "bed", name: "board", under: "/chart", for: CLINICAL, ward: true },
  { to: "/round", icon: "pulse", name: "round", for: ["nurse", "head-nurse", "doctor"], ward: true },
  { to: "/patients", icon: "people", name: "patients", for: CLINICAL, ward: true },
  { to: "/signing", icon: "pen", name: "signing", for: ["nurse", "head-nurse", "doctor", "lab-technician", "radiologist", "director"] },
  { to: "/scans", icon: "inbox", name: "scans", for: ["nurse", "head-nurse", "doctor", "record-room"] },
  { to: "/orders", icon: "order", name: "orders", for: CLINICAL, ward: true },
  { to: "/results", icon: "flask", name: "results", for: ["lab-technician"] },
  { to: "/waiting", icon: "inbox", name: "waiting", for: ["nurse", "head-nurse", "doctor", "lab-technician"] },
  { to: "/studies", icon: "image", name: "images", for: ["doctor", "radiologist"] },
  { to: "/attention", icon: "warn", name: "attention", for: ["lab-technician", "radiologist", "administrator"] },
  { to: "/incidents", icon: "clock", name: "incidents", for: ["nurse", "head-nurse", "doctor", "record-room", "director", "administrator", "auditor"] },
  { to: "/confirmations", icon: "check", name: "confirmations", for: ["director", "record-room", "auditor"] },
  { to: "/archive", icon: "archive", name: "archive", for: ["record-room", "director", "auditor"] },
  { to: "/requests", icon: "inbox", name: "requests", for: ["record-room", "director", "auditor"] },
  { to: "/personal-data", icon: "shield", name: "personalData", for: ["record-room", "director", "auditor"] },
  { to: "/decisions", icon: "order", name: "decisions", for: ["record-room", "director", "auditor", "administrator"] },
  { to: "/devices", icon: "device", name: "devices", for: ["nurse", "head-nurse", "lab-technician", "radiologist", "administrator"] },
  { to: "/users", icon: "user", name: "users", for: ["administrator"] },
  { to: "/audit", icon: "log", name: "audit", for: ["auditor", "administrator"] },
  { to: "/access", icon: "shield", name: "access", for: ["auditor", "administrator"] },
];

export const stopsOf = (role: Role) => STOPS.filter((stop) => stop.for.includes(role));

export function isAt(stop: Stop, place: string): boolean {
  const within = (path: string) => place === path || place.startsWith(`${path}/`);
  return (stop.to === "/" ? place === "/" : within(stop.to)) || (stop.under !== undefined && within(stop.under));
}

/** May this person see the screen at `place`, and does it need a ward? An address of no screen is for the router. */
export function standing(place: string, role: Role, hasWard: boolean): "open" | "elsewhere" | "no-ward" {
  const stop = STOPS.find((one) => isAt(one, place));
  if (!stop) return "open";
  if (!stop.for.includes(role)) return "elsewhere";
  return stop.ward && !hasWard ? "no-ward" : "open";
}

/** What waits for somebody, by the stop where it waits. */
export interface Waiting { inbox?: number; studies?: number; attention?: number; emergencies?: number; confirmations?: number; requests?: number; reports?: number; subjects?: number; scans?: number }
const COUNTS: Partial<Record<Stop["name"], keyof Waiting>> = { waiting: "inbox", images: "studies", attention: "attention", access: "emergencies", incidents: "reports", confirmations: "confirmations", requests: "requests", personalData: "subjects", scans: "scans" };

export function waitingAt(stop: Stop, waiting: Waiting): number {
  const count = COUNTS[stop.name];
  return (count && waiting[count]) ?? 0;
}
