// IT incidents, which lengthen the limit for entries, and the entries that came late. Who sees no patient sees the first
// alone.
import { useState } from "react";
import { useSession } from "@/lib/session";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { IncidentList } from "./incident-list";
import "./incidents.css";
import { LateReport } from "./late-report";
import { useText } from "./text";

const PARTS = [["incidents", "tabIncidents"], ["late", "tabLate"]] as const;

export function IncidentsPage() {
  const t = useText();
  const { role } = useSession().session.user;
  const [part, setPart] = useState<(typeof PARTS)[number][0]>("incidents");
  const tabs = role !== "administrator" && PARTS.map(([one, name]) => <button key={one} type="button" className="chip" aria-pressed={part === one} onClick={() => setPart(one)}>{t(name)}</button>);
  return part === "incidents" ? <IncidentList tabs={tabs} /> : <LateReport tabs={tabs} />;
}
