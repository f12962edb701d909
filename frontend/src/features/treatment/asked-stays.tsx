// For a doctor whom the hospital keeps to their own patients: those of other wards in whose stays they are named. Nothing where there are none.
import { Link } from "wouter";
import { dateTime } from "@/lib/time";
import { useAskedStays } from "./queries";
import { useText } from "./text";

export function AskedStays() {
  const t = useText();
  const { data } = useAskedStays();
  if (!data?.length) return null;
  return (
    <nav className="bar wrap asked" aria-labelledby="asked-title">
      <span id="asked-title" className="muted">{t("asked")}</span>
      {data.map((stay) => (
        <Link key={stay.encounterId} className="btn small" href={`/chart/${stay.encounterId}`} title={t("askedTitle", { code: stay.patientCode, part: t(`part-${stay.part}`), time: dateTime(stay.since) })}>
          {stay.patientName} <span className="muted">{t(`part-${stay.part}`)} · {stay.ward.name}{stay.bed && ` · ${stay.bed}`}</span>
        </Link>
      ))}
    </nav>
  );
}
