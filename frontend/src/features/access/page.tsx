// Who may, when and from where. The administrator sees sessions, hours and the policy; the auditor what was opened in an
// emergency, with the patient, and the policy.
import { useState } from "react";
import type { Role } from "@/api";
import { useSession } from "@/lib/session";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import "./access.css";
import { Emergencies } from "./emergencies";
import { HoursList } from "./hours-list";
import { PolicyTable } from "./policy-table";
import { Sessions } from "./sessions";
import { SharedLogins } from "./shared-logins";
import { useText } from "./text";
import { TrustList } from "./trust-list";

const BOTH: readonly Role[] = ["administrator", "auditor"];
const PARTS = [
  { part: "emergency", name: "tabEmergency", for: BOTH, Body: Emergencies },
  { part: "sessions", name: "tabSessions", for: ["administrator"], Body: Sessions },
  { part: "shared", name: "tabShared", for: ["administrator"], Body: SharedLogins },
  { part: "hours", name: "tabHours", for: ["administrator"], Body: HoursList },
  { part: "trust", name: "tabTrust", for: BOTH, Body: TrustList },
  { part: "policy", name: "tabPolicy", for: BOTH, Body: PolicyTable },
] as const satisfies readonly { for: readonly Role[]; [key: string]: unknown }[];

export function AccessPage() {
  const t = useText();
  const { role } = useSession().session.user;
  const [part, setPart] = useState<(typeof PARTS)[number]["part"]>("emergency");
  const mine = PARTS.filter((one) => (one.for as readonly Role[]).includes(role));
  const Body = PARTS.find((one) => one.part === part)?.Body ?? Emergencies;
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>
        {mine.map((one) => <button key={one.part} type="button" className="chip" aria-pressed={part === one.part} onClick={() => setPart(one.part)}>{t(one.name)}</button>)}
      </div>
      <Body />
    </>
  );
}
