// How long there is until something is due, or for how long it has been: in words, not by colour alone.
import { dictionary } from "@/i18n";
import { fullDateTime, untilDue } from "@/lib/time";
import vi from "@/i18n/vi/due";

const useText = dictionary(vi);
const LEFT = { minute: "minutesLeft", hour: "hoursLeft", day: "daysLeft" } as const;
const OVER = { minute: "minutesOver", hour: "hoursOver", day: "daysOver" } as const;

export function DueTag({ dueAt, now }: { dueAt: string; now: number }) {
  const t = useText();
  const { late, amount, unit } = untilDue(dueAt, now);
  return <span className={late ? "tag bad" : "tag warn"} title={fullDateTime(dueAt)}>{t(late ? OVER[unit] : LEFT[unit], { n: amount })}</span>;
}
