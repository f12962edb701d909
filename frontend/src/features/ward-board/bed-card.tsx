// One bed: empty, one patient, or two lying together. Draws again only when its bed changes or a value ages.
import { memo, useCallback } from "react";
import { Link } from "wouter";
import type { BoardBed, Occupant, Sex } from "@/api/types";
import { useCommon } from "@/i18n";
import { useAtTime } from "@/lib/clock";
import { untilDue } from "@/lib/time";
import { Icon, type IconName } from "@/ui/icons";
import { levelOf, News2Badge } from "@/ui/news2-badge";
import { RestrictedTag } from "@/ui/restricted-tag";
import { freshness, lastHeard, shown, type Freshness, type Shown } from "./model";
import { useText } from "./text";

function Value({ shown: value, pair }: { shown: Shown | null; pair?: Shown | null }) {
  const live = value?.live ? value.at : null;
  const state = useAtTime<Freshness | "filed">(useCallback((now) => (live ? freshness(live, now) : "filed"), [live]));
  if (!value) return <b className="none">–</b>;
  // A cuff value is minutes old by nature: only a continuous one goes grey after seconds.
  const mark = pair !== undefined || state === "fresh" || state === "filed" ? undefined : "stale";
  return <b className={mark}>{Math.round(value.value)}{pair !== undefined && `/${pair ? Math.round(pair.value) : "–"}`}</b>;
}

function Due({ dueAt }: { dueAt: string | null }) {
  const t = useText();
  const span = useAtTime(useCallback((now) => (dueAt ? JSON.stringify(untilDue(dueAt, now)) : null), [dueAt]));
  if (span === null) return null;
  const { late, amount, unit } = JSON.parse(span) as ReturnType<typeof untilDue>;
  const key = { minute: late ? "lateMinute" : "dueMinute", hour: late ? "lateHour" : "dueHour", day: late ? "lateDay" : "dueDay" } as const;
  return <span className={late ? "tag late" : "tag"}>{t(key[unit], { n: amount })}</span>;
}

/** True once the monitor has been silent for a minute. */
function useLost(heardAt: string | null): boolean {
  return useAtTime(useCallback((now) => heardAt !== null && freshness(heardAt, now) === "lost", [heardAt]));
}

const SEX: Record<Sex, "male" | "female" | "unknown"> = { male: "male", female: "female", unknown: "unknown" };

function Vitals({ who }: { who: Occupant }) {
  const t = useText();
  const common = useCommon();
  const lost = useLost(lastHeard(who));
  return (
    <dl className={lost ? "v lost" : "v"}>
      <div><dt>{lost ? t("lost") : t("m")}</dt><dd><Value shown={shown(who, "pulse")} /></dd></div>
      <div><dt className={lost ? "sr" : undefined}>SpO<sub>2</sub></dt><dd><Value shown={shown(who, "spo2")} /></dd></div>
      <div><dt>{common("bp")}</dt><dd><Value shown={shown(who, "sbp")} pair={shown(who, "dbp")} /></dd></div>
    </dl>
  );
}

function Count({ icon, n, title, kind = "tag" }: { icon: IconName; n: number; title: string; kind?: string }) {
  return <span className={kind} title={title} data-count={icon}><Icon name={icon} size={12} /><span aria-hidden="true">{n > 1 && n}</span><span className="sr">{title}</span></span>;
}

function Tags({ who }: { who: Occupant }) {
  const t = useText();
  return (
    <div className="r4">
      {who.vitalsDueAt ? <Due dueAt={who.vitalsDueAt} /> : <span className="tag">{t("noVitals")}</span>}
      {who.critical && <span className="tag crit" title={`${who.critical.name} ${who.critical.text}`}>{who.critical.text}</span>}
      {who.newResults > 0 && !who.critical && <span className="tag new">{t("newResult")}</span>}
      {who.proposed > 0 && <Count icon="device" kind="tag new" n={who.proposed} title={t("proposedTitle", { n: who.proposed })} />}
      {who.unsigned > 0 && <Count icon="pen" n={who.unsigned} title={t("unsignedTitle", { n: who.unsigned })} />}
    </div>
  );
}

function One({ bed, who }: { bed: string; who: Occupant }) {
  const common = useCommon();
  return (
    <Link data-card href={`/chart/${who.encounterId}`} className={`bed ${levelOf(who.news2)}`}>
      <span className="r1"><span className="code">{bed}</span>{who.sameName && <span className="tag late" title={common("sameNameTitle")}>{common("sameName")}</span>}<span className="grow" /><News2Badge news2={who.news2} words={!who.sameName} /></span>
      <span className="name" title={who.name}>{who.name}</span>
      <span className="sub">{common(SEX[who.sex])} {who.ageText} · {who.restricted && <RestrictedTag words={who.diagnosis === ""} />} {who.diagnosis}</span>
      <Vitals who={who} />
      <Tags who={who} />
    </Link>
  );
}

function Shared({ bed }: { bed: BoardBed }) {
  const t = useText();
  return (
    <div className="bed shared">
      {bed.occupants.map((who, i) => (
        <Link data-card key={who.encounterId} href={`/chart/${who.encounterId}`} className={`half ${levelOf(who.news2)}`}>
          <span className="r1"><span className="code">{i === 0 ? bed.label : ""}{i === 0 && <small> {t("shared")}</small>}</span><News2Badge news2={who.news2} words={false} /></span>
          <span className="name" title={who.name}>{who.restricted && <RestrictedTag words={false} />}{who.name}</span>
          <span className="inline"><Tags who={who} /><span className="pair"><Value shown={shown(who, "pulse")} /> <Value shown={shown(who, "spo2")} /> <Value shown={shown(who, "sbp")} pair={shown(who, "dbp")} /></span></span>
        </Link>
      ))}
    </div>
  );
}

export const BedCard = memo(function BedCard({ bed }: { bed: BoardBed }) {
  const t = useText();
  const [first, second] = bed.occupants;
  if (!first) return <Link data-card href={`/patients?bed=${encodeURIComponent(bed.bedId)}`} className="bed empty" title={t("emptyBed", { bed: bed.label })}><b>{bed.label}</b> {t("empty")}</Link>;
  return second ? <Shared bed={bed} /> : <One bed={bed.label} who={first} />;
});
