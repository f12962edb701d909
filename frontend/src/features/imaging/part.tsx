import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { get, keys, type Encounter, type Study } from "@/api";
import { useWrites } from "@/lib/chart";
import { charts, useSession } from "@/lib/session";
import { studyTitle } from "@/lib/study";
import { fullDateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import { useText } from "./text";
import "./viewer.css";

const Viewer = lazy(() => import("./viewer").then((m) => ({ default: m.Viewer })));

export function ImagesPart({ encounter }: { encounter: Encounter }) {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const writes = useWrites();
  const [openId, setOpenId] = useState<string | null>(null);
  const [unlinking, setUnlinking] = useState<Study | null>(null);
  const found = useQuery({ queryKey: keys.chart(encounter.id, "studies"), queryFn: ({ signal }) => get<Study[]>(`/encounters/${encounter.id}/studies`, signal) });
  const open = found.data?.find((study) => study.id === openId);
  if (open) return <Suspense fallback={<Loading />}><Viewer study={open} onClose={() => setOpenId(null)} /></Suspense>;
  return (
    <section className="card studies" aria-label={t("studies")}>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("none")} />}
      <ul>
        {found.data?.map((study) => (
          <li key={study.id}>
            {study.series[0] && <img src={study.series[0].thumbnailUrl} alt="" />}
            <div>
              <b>{studyTitle(study)}</b> <span className="tag">{study.modalities.join(", ")}</span>
              <p className="muted">{study.accession} · {fullDateTime(study.studyAt ?? study.receivedAt)} · {t("images", { n: study.instances })}{study.linkedBy && ` · ${t("linkedBy")} ${t(study.linkedBy)}`}</p>
              <p className="muted">{t("noPatientMatch")}: {study.senderPatient.name.replaceAll("^", " ")} · {study.senderPatient.id}</p>
            </div>
            <span className="grow" />
            {writes && (charts(role) || role === "radiologist") && <button type="button" className="btn small" onClick={() => setUnlinking(study)}>{t("unlink")}</button>}
            <button type="button" className="btn p" onClick={() => setOpenId(study.id)}>{t("open")}</button>
          </li>
        ))}
      </ul>
      {unlinking && <ReasonDialog title={t("unlink")} lead={t("unlinkLead")} label={t("unlinkReason")} action={t("unlink")} missing={t("unlinkReason")} path={`/studies/${unlinking.id}/unlink`} onClose={() => setUnlinking(null)} onDone={() => { setUnlinking(null); void cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) }); }} />}
    </section>
  );
}
