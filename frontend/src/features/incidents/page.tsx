// IT incidents, which lengthen the limit for entries; the entries that came late; and what wards work from meanwhile. Who
// sees no patient sees no late entries, and of the kits nothing that is in them.
import { useState } from "react";
import type { Role } from "@/api";
import { useSession } from "@/lib/session";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { IncidentList } from "./incident-list";
import "./incidents.css";
import { Kits } from "./kits";
import { LateReport } from "./late-report";
import { useText } from "./text";

const PARTS = [["incidents", "tabIncidents"], ["late", "tabLate"], ["kits", "tabKits"]] as const;
type Part = (typeof PARTS)[number][0];
const WITHOUT: Partial<Record<Role, Part>> = { administrator: "late", "record-room": "kits", director: "kits", auditor: "kits" };

export function IncidentsPage() {
  const t = useText();
  const { role } = useSession().session.user;
  const [part, setPart] = useState<Part>("incidents");
  const tabs = PARTS.filter(([one]) => one !== WITHOUT[role]).map(([one, name]) => <button key={one} type="button" className="chip" aria-pressed={part === one} onClick={() => setPart(one)}>{t(name)}</button>);
  if (part === "kits") return <Kits tabs={tabs} />;
  return part === "incidents" ? <IncidentList tabs={tabs} /> : <LateReport tabs={tabs} />;
}
