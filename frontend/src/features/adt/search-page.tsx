// Find a patient, or register one. Reached from the rail, and from an empty bed that is to be filled.
import { useState } from "react";
import { Link, useSearchParams } from "wouter";
import { useCommon } from "@/i18n";
import { useHits } from "@/lib/patient-hits";
import { birthDate } from "@/lib/time";
import { useWard } from "@/lib/ward";
import { Icon } from "@/ui/icons";
import { Empty, Failure } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { useBeds, withBed } from "./queries";
import { useText } from "./text";

export function SearchPage() {
  const t = useText();
  const common = useCommon();
  const [params] = useSearchParams();
  const bed = params.get("bed");
  const beds = useBeds(useWard().id);
  const [text, setText] = useState("");
  const found = useHits(text, 50);
  const asked = text.trim().length >= 2;
  const bedLabel = beds.data?.find((one) => one.id === bed)?.label;
  return (
    <>
      <div className="bar">
        <h1>{t("searchTitle")}</h1>
        {bed && bedLabel && <span className="tag new">{t("forBed", { bed: bedLabel })}</span>}
        <span className="grow" />
        <Link className="btn p" href={withBed("/patients/new", bed)}><Icon name="plus" size={15} /> {t("register")}</Link>
      </div>
      <label className="field narrow"><span>{t("find")}</span><input type="search" name="patient-search" autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} /></label>
      {!asked && <Empty title={t("typeMore")} />}
      {asked && found.isError && <Failure title={t("searchFail")} error={found.error} retry={() => void found.refetch()} />}
      {asked && found.data?.length === 0 && <Empty title={t("noHits")} />}
      {asked && found.data && found.data.length > 0 && (
        <div className="card searchhits">
          <table className="grid">
            <thead><tr><th scope="col">{t("name")}</th><th scope="col">{t("born")}</th><th scope="col">{t("code")}</th><th scope="col">CCCD · BHYT</th><th scope="col">{t("address")}</th><th scope="col">{t("place")}</th><th><span className="sr">{t("open")}</span></th></tr></thead>
            <tbody>
              {found.data.map((hit) => (
                <tr key={hit.id}>
                  <td><b>{hit.name}</b> {hit.sameName && <span className="tag late" title={common("sameNameTitle")}>{common("sameName")}</span>}</td>
                  <td>{birthDate(hit.birthDate)} <small>{common(hit.sex)}, {hit.ageText}</small></td><td>{hit.code}</td><td><small>{[hit.nationalIdTail, hit.insuranceTail].filter(Boolean).join(" · ")}</small></td><td><small>{hit.address}</small></td>
                  <td>{hit.ward ? `${hit.ward}${hit.bed ? ` · ${hit.bed}` : ""}` : <span className="muted">{t("notIn")}</span>}</td>
                  <td><div className="row">{hit.encounterId && <Link className="btn small p" href={`/chart/${hit.encounterId}`}>{t("chart")}</Link>}<Link className="btn small" href={withBed(`/patients/${hit.id}`, bed)} aria-label={`${t("open")} ${hit.name}`}>{t("open")}</Link></div></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
