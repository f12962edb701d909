// Beside an entry that came into the record long after the act: late, or not because of an IT incident.
import type { LateMark } from "@/api/types";
import { useChartText } from "@/i18n/chart";
import { useSession } from "@/lib/session";

export function LateTag({ late }: { late: LateMark | null }) {
  const t = useChartText();
  const byLaw = useSession().session.regulationProfile !== "tt13";
  if (!late) return null;
  const after = { h: Math.floor(late.minutes / 60), m: late.minutes % 60 };
  const limit = { n: late.limitHours };
  if (!late.late) return <span className="tag" title={t("lateExcusedHint", limit)}>{t("lateExcused", after)}</span>;
  return <span className={byLaw ? "tag late" : "tag warn"} title={t(byLaw ? "lateLaw" : "lateOwn", limit)}>{t("late", after)}</span>;
}
