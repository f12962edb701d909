// One bed: empty, one patient, or two lying together. Draws again only when its bed changes or a value ages.
import { memo, useCallback } from "react";
import { Link } from "wouter";
import type { BoardBed, Occupant, Sex } from "@/api/types";
import { useCommon } from "@/i18n";
import { useAtTime } from "@/lib/clock";
import { untilDue } from "@/lib/time";
import { levelOf, News2Badge } from "@/ui/news2-badge";
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

function Lost({ heardAt }: { heardAt: string | null }) {
  const t = useText();
  const lost = useAtTime(useCallback((now) => heardAt !== null && freshness(heardAt, now) === "lost", [heardAt]));
  return lost ? <span className="tag warn">{t("lost")}</span> : null;
}

const SEX: Record<Sex, "male" | "female" | "unknown"> = { male: "male", female: "female", unknown: "unknown" };

function Vitals({ who }: { who: Occupant }) {
  const t = useText();
  return (
    <dl className="v">
      <div><dt>{t("m")}</dt><dd><Value shown={shown(who, "pulse")} /></dd></div>
      <div><dt>SpO<sub>2</sub></dt><dd><Value shown={shown(who, "spo2")} /></dd></div>
      <div><dt>HA</dt><dd><Value shown={shown(who, "sbp")} pair={shown(who, "dbp")} /></dd></div>
    </dl>
  );
}

function Tags({ who, few = false }: { who: Occupant; few?: boolean }) {
  const t = useText();
  return (
    <div className="r4">
      {who.vitalsDueAt ? <Due dueAt={who.vitalsDueAt} /> : <span className="tag">{t("noVitals")}</span>}
      {who.critical && <span className="tag crit" title={`${who.critical.name} ${who.critical.text}`}>{who.critical.text}</span>}
      {who.newResults > 0 && !who.critical && <span className="tag new">{t("newResult")}</span>}
      {!few && who.proposed > 0 && <span className="tag new" title={t("proposedTitle", { n: who.proposed })}>{t("proposedShort", { n: who.proposed })}</span>}
      {who.unsigned > 0 && <span className="tag" title={t("unsignedTitle", { n: who.unsigned })}>{t("unsignedShort", { n: who.unsigned })}</span>}
      <Lost heardAt={lastHeard(who)} />
    </div>
  );
}

function One({ bed, who }: { bed: string; who: Occupant }) {
  const t = useText();
  const common = useCommon();
  return (
    <Link data-card href={`/chart/${who.encounterId}`} className={`bed ${levelOf(who.news2)}`} aria-label={t("open", { name: who.name, bed })}>
      <span className="r1"><span className="code">{bed}</span>{who.sameName && <span className="tag late" title={common("sameNameTitle")}>{common("sameName")}</span>}<span className="grow" /><News2Badge news2={who.news2} words={!who.sameName} /></span>
      <span className="name" title={who.name}>{who.name}</span>
      <span className="sub">{common(SEX[who.sex])} {who.ageText} · {who.diagnosis}</span>
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
        <Link data-card key={who.encounterId} href={`/chart/${who.encounterId}`} className={`half ${levelOf(who.news2)}`} aria-label={t("open", { name: who.name, bed: bed.label })}>
          <span className="r1"><span className="code">{i === 0 ? bed.label : ""}{i === 0 && <small> {t("shared")}</small>}</span><News2Badge news2={who.news2} words={false} /></span>
          <span className="name" title={who.name}>{who.name}</span>
          <Tags who={who} few />
        </Link>
      ))}
    </div>
  );
}

export const BedCard = memo(function BedCard({ bed }: { bed: BoardBed }) {
  const t = useText();
  const [first, second] = bed.occupants;
  if (!first) return <Link data-card href={`/admit?bed=${bed.bedId}`} className="bed empty" aria-label={t("emptyBed", { bed: bed.label })}><b>{bed.label}</b> {t("empty")}</Link>;
  return second ? <Shared bed={bed} /> : <One bed={bed.label} who={first} />;
});
