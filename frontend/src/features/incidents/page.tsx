// IT incidents, which lengthen the limit for entries; the entries that came late; what wards work from meanwhile; and the
// attacks and breaches that the law wants reported. Everybody has the parts that the server's policy gives them.
import { useState, type ReactNode } from "react";
import type { Role } from "@/api";
import { useSession } from "@/lib/session";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { IncidentList } from "./incident-list";
import "./incidents.css";
import { Kits } from "./kits";
import { LateReport } from "./late-report";
import { SecurityList } from "./security-list";
import { useText } from "./text";

type Part = "incidents" | "late" | "kits" | "security";
const seesPatients = (role: Role) => role !== "administrator";
const hasKits = (role: Role) => role !== "record-room" && role !== "director" && role !== "auditor";
const reports = (role: Role) => role === "administrator" || role === "director" || role === "auditor";
const PARTS: readonly { part: Part; name: "tabIncidents" | "tabLate" | "tabKits" | "tabSecurity"; of: (role: Role) => boolean }[] = [
  { part: "incidents", name: "tabIncidents", of: () => true },
  { part: "late", name: "tabLate", of: seesPatients },
  { part: "kits", name: "tabKits", of: hasKits },
  { part: "security", name: "tabSecurity", of: reports },
];
const SCREENS: Record<Part, (props: { tabs: ReactNode }) => ReactNode> = { incidents: IncidentList, late: LateReport, kits: Kits, security: SecurityList };

export function IncidentsPage() {
  const t = useText();
  const { role } = useSession().session.user;
  const [part, setPart] = useState<Part>("incidents");
  const mine = PARTS.filter((one) => one.of(role));
  const tabs = mine.length > 1 && mine.map((one) => <button key={one.part} type="button" className="chip" aria-pressed={part === one.part} onClick={() => setPart(one.part)}>{t(one.name)}</button>);
  const Screen = SCREENS[part];
  return <Screen tabs={tabs} />;
}
