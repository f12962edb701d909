// For a doctor whom the hospital keeps to their own patients: those of other wards in whose stays they are named. Nothing where there are none.
import { useEffect } from "react";
import { Link } from "wouter";
import { useSession } from "@/lib/session";
import { dateTime } from "@/lib/time";
import { useAskedStays, useWardsNow } from "./queries";
import { useText } from "./text";

/** Hours on duty that began or ended since login are in the choice of wards. */
function useFreshWards(): void {
  const { session, renew } = useSession();
  const { data } = useWardsNow();
  useEffect(() => {
    const ids = (wards: typeof session.wards) => wards.map(({ id }) => id).join();
    if (data && ids(data.wards) !== ids(session.wards)) renew(data);
  }, [data, session, renew]);
}

export function AskedStays() {
  const t = useText();
  const { data } = useAskedStays();
  useFreshWards();
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
