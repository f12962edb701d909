import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/incidents";

export const useText = dictionary(vi);

export const CONCERNS = { systems: "concernsSystems", "personal-data": "concernsData", both: "concernsBoth" } as const;
export const SEVERITIES = { ordinary: "ordinary", serious: "serious", "at-once": "atOnce" } as const;
export const DUTIES = { "first-notice": "dutyFirst", "incident-report": "dutyIncident", "breach-notice": "dutyBreach" } as const;
