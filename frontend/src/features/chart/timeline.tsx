// «24 giờ qua»: what happened to this patient, newest first, whoever or whatever wrote it.
import { useState } from "react";
import type { TimelineItem } from "@/api";
import { useChartText } from "@/i18n/chart";
import { useHotkey } from "@/lib/hotkey";
import { clockTime } from "@/lib/time";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import { useTimeline } from "./queries";
import "./timeline.css";

interface Props { encounterId: string; accept: ((setId: string) => Promise<void>) | null }
export function Timeline({ encounterId, accept }: Props) {
  const t = useChartText();
  const found = useTimeline(encounterId);
  const [error, setError] = useState<unknown>(null);
  // A monitor proposes a set every few minutes: the freshest is the one to take, the earlier ones are told in a line.
  const proposed = found.data?.filter((item) => item.kind === "device") ?? [];
  const pending = proposed[0];
  const take = (item: TimelineItem) => {
    setError(null);
    accept?.(item.ref).catch(setError);
  };
  useHotkey("F8", () => pending && take(pending), accept !== null && pending !== undefined);
  return (
    <aside className="card timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">{t("today")}</h2>
      <Refusal error={error} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("partFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("timelineEmpty")} />}
      {/* The list scrolls, so it must take the keyboard's focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <ol tabIndex={0} aria-labelledby="timeline-title">
        {found.data?.filter((item) => item.kind !== "device" || item === pending).map((item) => (
          <li key={`${item.kind}-${item.ref}-${item.at}`}>
            <time dateTime={item.at}>{clockTime(item.at)}</time>
            <div>
              <p><b>{item.title}</b> {item.text}</p>
              <small>{item.kind === "device" ? t("waitingAccept") : [item.by, item.kind === "vitals" || item.kind === "note" || item.kind === "document" ? t(item.signed ? "signed" : "notSigned") : null].filter(Boolean).join(" · ")}</small>
              {item === pending && proposed.length > 1 && <small>{t("earlierSets", { n: proposed.length - 1 })}</small>}
              {item === pending && accept && <button type="button" className="btn small" onClick={() => take(item)}>{t("accept")} <kbd>F8</kbd></button>}
            </div>
          </li>
        ))}
      </ol>
    </aside>
  );
}
