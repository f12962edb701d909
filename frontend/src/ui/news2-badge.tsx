// NEWS2 as number + word + shape, so that it survives greyscale and colour blindness.
import type { Band, News2 } from "@/api/types";
import { useCommon } from "@/i18n";

export const LEVEL: Record<Band, "l0" | "l1" | "l2" | "l3"> = { none: "l0", watch: "l1", urgent: "l2", emergency: "l3" };
const WORD = { none: "bandNone", watch: "bandWatch", urgent: "bandUrgent", emergency: "bandEmergency" } as const;
export const levelOf = (news2: News2 | null) => (news2?.band ? LEVEL[news2.band] : "lx");

export function BandShape({ band }: { band: Band }) {
  return (
    <svg viewBox="0 0 10 10" aria-hidden="true">
      {band === "none" && <circle cx="5" cy="5" r="3.9" fill="none" stroke="currentColor" strokeWidth="1.8" />}
      {band === "watch" && <path d="M5 1.200 9 8.800H1Z" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" />}
      {band === "urgent" && <path d="M5 0 10 5 5 10 0 5Z" fill="currentColor" />}
      {band === "emergency" && <path d="M.5.5h9v9h-9Z" fill="currentColor" />}
    </svg>
  );
}

interface Props { news2: News2 | null; words?: boolean; big?: boolean }
export function News2Badge({ news2, words = true, big = false }: Props) {
  const t = useCommon();
  const size = big ? " big" : "";
  if (!news2 || news2.total === null || news2.band === null) {
    const why = !news2 ? "–" : news2.notApplicable === "age" ? t("newsAge") : news2.notApplicable === "pregnancy" ? t("newsPregnancy") : null;
    const title = why ?? t("newsMissingTitle", { codes: news2?.missing.map((code) => t(code as "pulse")).join(", ") ?? "" });
    return (
      <span className={`n2 lx${size}`} title={title}>
        {words && news2 && !news2.notApplicable ? t("newsMissing") : "–"}
        <span className="sr">{title}</span>
      </span>
    );
  }
  const word = t(WORD[news2.band]);
  const title = t(news2.single3 ? "newsSingle3" : "newsTitle", { total: news2.total, word });
  return (
    <span className={`n2 ${LEVEL[news2.band]}${size}`} title={title}>
      <BandShape band={news2.band} />
      <span aria-hidden="true">{words ? `${news2.total} ${word}` : news2.total}</span>
      <span className="sr">{title}</span>
    </span>
  );
}
