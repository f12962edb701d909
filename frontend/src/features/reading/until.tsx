// Until when: the moment, and what is left of it in words; in the last day with a clock beside them.
import { useCallback } from "react";
import { useAtTime } from "@/lib/clock";
import { fullDateTime } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { useText } from "./text";
import { leftOf, minutesLeft } from "./time-left";

const WORDS = { minute: "leftMinute", hour: "leftHour", day: "leftDay" } as const;

export function useTimeLeft(until: string) {
  return leftOf(useAtTime(useCallback((now: number) => minutesLeft(until, now), [until])));
}

export function Until({ until }: { until: string }) {
  const t = useText();
  const { state, amount, unit } = useTimeLeft(until);
  return (
    <>
      {fullDateTime(until)}{" "}
      <span className={state === "open" ? "tag" : state === "soon" ? "tag warn" : "tag bad"}>
        {state !== "open" && <Icon name="clock" size={12} />} {state === "over" ? t("over") : t(WORDS[unit], { n: amount })}
      </span>
    </>
  );
}
