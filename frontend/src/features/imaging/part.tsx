import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState, type FormEvent } from "react";
import { get, keys, send, type Encounter, type Study } from "@/api";
import { useCommon } from "@/i18n";
import { charts, useSession } from "@/lib/session";
import { studyTitle } from "@/lib/study";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import { useText } from "./text";
import "./viewer.css";

const Viewer = lazy(() => import("./viewer").then((m) => ({ default: m.Viewer })));

function Unlink({ study, onClose, onDone }: { study: Study; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError(new Error(t("unlinkReason")));
    send<Study>("POST", `/studies/${study.id}/unlink`, { reason: reason.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={t("unlink")} onClose={onClose}>
      <p>{t("unlinkLead")}</p>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("unlinkReason")}</span><input type="text" value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("unlink")}</button></div>
      </form>
    </Dialog>
  );
}

export function ImagesPart({ encounter }: { encounter: Encounter }) {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
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
            {(charts(role) || role === "radiologist") && <button type="button" className="btn small" onClick={() => setUnlinking(study)}>{t("unlink")}</button>}
            <button type="button" className="btn p" onClick={() => setOpenId(study.id)}>{t("open")}</button>
          </li>
        ))}
      </ul>
      {unlinking && <Unlink study={unlinking} onClose={() => setUnlinking(null)} onDone={() => { setUnlinking(null); void cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) }); }} />}
    </section>
  );
}
