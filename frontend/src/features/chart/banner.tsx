// Who this chart belongs to, on every part of it, so that nobody writes into the wrong one.
import type { Encounter } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { birthDate } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { levelOf, News2Badge } from "@/ui/news2-badge";
import { Diagnosis, RestrictedTag } from "@/ui/restricted-tag";
import "./banner.css";

/** All but the last four characters hidden: the card number is an identifier, not a headline. */
const tail = (card: string) => (card.includes("…") || card.length <= 4 ? card : `…${card.slice(-4)}`);

export function Banner({ encounter }: { encounter: Encounter }) {
  const t = useChartText();
  const common = useCommon();
  const { patient, bed } = encounter;
  return (
    <section className={`banner ${levelOf(encounter.news2)}`} aria-label={patient.name}>
      <div className="whois">
        <h1 className="who">{patient.name.toLocaleUpperCase("vi")}</h1>
        <p className="muted">{t("born", { sex: common(patient.sex), age: patient.ageText, date: birthDate(patient.birthDate) })}</p>
      </div>
      <dl>
        <div><dt>{t("bed")}</dt><dd>{bed ? `${bed.label} · ${bed.room}` : t("noBed")}</dd></div>
        <div><dt>{t("code")}</dt><dd>{patient.code}</dd></div>
        {patient.insuranceCard && <div><dt>{t("insurance")}</dt><dd>{tail(patient.insuranceCard)}</dd></div>}
        <div><dt>{t("day")}</dt><dd>{encounter.dayOfStay}</dd></div>
        <div className="dx"><dt>{t("diagnosis")}</dt><dd className="cut" title={encounter.diagnosis}>{encounter.icd10} <Diagnosis of={encounter} /></dd></div>
      </dl>
      <span className="grow" />
      {encounter.restricted && <RestrictedTag />}
      {encounter.record === "active" ? encounter.state !== "active" && <span className="tag warn">{t("discharged")}</span> : <span className="tag good">{t(encounter.record)}</span>}
      {encounter.sameName && <span className="tag late" title={common("sameNameTitle")}>{common("sameName")}</span>}
      {encounter.pregnant && <span className="tag warn">{t("pregnant")}</span>}
      {patient.allergies.length > 0 && <span className="allergy"><Icon name="warn" size={15} /> {common("allergy", { what: patient.allergies.join(", ") })}</span>}
      <News2Badge news2={encounter.news2} big />
    </section>
  );
}
