// Studies that neither their UID nor their accession placed.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, query, send, type PatientHit, type Proposal, type Study, type UnmatchedStudy } from "@/api";
import { studyTitle } from "@/lib/study";
import { birthDate, fullDateTime } from "@/lib/time";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import { Matcher } from "./matcher";
import { useText } from "./text";

/** Studies have no candidate search of their own; inpatients found by the patient search stand in. */
async function searchInpatients(q: string, signal: AbortSignal): Promise<Proposal[]> {
  const hits = await send<PatientHit[]>("POST", "/patients/search", { q, limit: 12 }, { signal });
  return hits.flatMap((hit) => (hit.encounterId ? [{ encounterId: hit.encounterId, orderId: null, patientCode: hit.code, name: hit.name, sex: hit.sex, birthDate: hit.birthDate, ward: hit.ward ?? "", bed: hit.bed, score: 0, why: [] }] : []));
}

/** What the server gives at once. */
const PAGE = 50;

export function StudiesPage() {
  const t = useText();
  const cache = useQueryClient();
  const [chosenId, setChosenId] = useState<string | null>(null);
  const found = useInfiniteQuery({
    queryKey: keys.unmatched,
    queryFn: ({ signal, pageParam }) => get<UnmatchedStudy[]>(`/studies/unmatched${query({ past: pageParam })}`, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.study.id),
  });
  const items = found.data?.pages.flat() ?? [];
  const item = items.find(({ study }) => study.id === chosenId) ?? items[0];
  const who = (study: Study) => study.senderPatient.name.replaceAll("^", " ");
  return (
    <>
      <div className="bar"><h1>{t("studiesTitle")}</h1></div>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && !item && <Empty title={t("studiesEmpty")} />}
      {item && (
        <div className="split">
          <section className="card" aria-label={t("studiesTitle")}>
            <ul className="picklist">
              {items.map(({ study }) => (
                <li key={study.id}>
                  <button type="button" aria-current={study.id === item.study.id || undefined} onClick={() => setChosenId(study.id)}>
                    <b>{who(study) || study.senderPatient.id || study.accession}</b><span className="tag">{study.modalities.join(", ")}</span>
                    <small>{studyTitle(study)} · {t("images", { n: study.instances })} · {fullDateTime(study.receivedAt)}</small>
                  </button>
                </li>
              ))}
            </ul>
            {found.hasNextPage && <button type="button" className="btn small" aria-disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>{t("more")}</button>}
          </section>
          <section className="card pane" aria-label={studyTitle(item.study)}>
            <div className="row">
              {item.study.series[0] && <img src={item.study.series[0].thumbnailUrl} alt="" width="72" height="72" className="thumb" />}
              <div><h2>{studyTitle(item.study)}</h2><p className="muted">{t("images", { n: item.study.instances })} · {fullDateTime(item.study.studyAt ?? item.study.receivedAt)}</p></div>
            </div>
            <dl className="facts">
              <div><dt>{t("inImage")}</dt><dd>{[who(item.study), item.study.senderPatient.id, birthDate(item.study.senderPatient.birthDate), item.study.senderPatient.sex].filter(Boolean).join(" · ")}</dd></div>
              <div><dt>{t("accession")}</dt><dd>{item.study.accession || t("none")}</dd></div>
            </dl>
            <Matcher
              key={item.study.id} id={item.study.id} proposals={item.proposals} search={searchInpatients}
              match={async (proposal, confirmed) => {
                await send<Study>("POST", `/studies/${item.study.id}/link`, { encounterId: proposal.encounterId, confirmed });
                void cache.invalidateQueries({ queryKey: keys.unmatched });
                void cache.invalidateQueries({ queryKey: ["board"] });
              }}
            />
          </section>
        </div>
      )}
    </>
  );
}
