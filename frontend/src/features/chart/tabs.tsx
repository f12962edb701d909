import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Encounter } from "@/api";
import { useChartText } from "@/i18n/chart";

export const PARTS = ["vitals", "notes", "results", "images", "orders", "forms", "record"] as const;
export type Part = (typeof PARTS)[number];

interface Props { encounter: Encounter; part: Part; actions: ReactNode }
export function Tabs({ encounter, part, actions }: Props) {
  const t = useChartText();
  const count: Partial<Record<Part, number>> = { results: encounter.newResults };
  return (
    <nav className="charttabs" aria-label={t("tabs")}>
      {PARTS.map((one) => (
        <Link key={one} href={`/chart/${encounter.id}${one === "vitals" ? "" : `/${one}`}`} aria-current={part === one ? "page" : undefined}>
          {t(one)}{(count[one] ?? 0) > 0 && <b>{count[one]}</b>}
        </Link>
      ))}
      <span className="grow" />
      <div className="actions">{actions}</div>
    </nav>
  );
}
