import { useQuery } from "@tanstack/react-query";
import { get, keys, type CareNote } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/status";

export function NoteVersions({ note, onClose }: { note: CareNote; onClose: () => void }) {
  const t = useChartText();
  const common = useCommon();
  const found = useQuery({ queryKey: [...keys.chart(note.encounterId, "notes"), note.id, note.version], queryFn: ({ signal }) => get<CareNote[]>(`/notes/${note.id}/versions`, signal) });
  const versions = [...(found.data ?? [])].sort((a, b) => b.version - a.version);
  const text = (now: string, later: string | undefined) => (later === undefined || later === now ? now : <s>{now}</s>);
  return (
    <Dialog title={t("versionsOf")} onClose={onClose} wide>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("partFailed")} error={found.error} />}
      {versions.map((version, i) => (
        <section key={version.version} className="noteversion">
          <p><b>{t("version", { n: version.version })}</b> · {version.author.name} · {fullDateTime(version.recordedAt)} {i > 0 && <span className="tag">{t("old")}</span>}</p>
          {version.reason && <p className="muted">{t("reason")}: {version.reason}</p>}
          <p>{text(version.course, versions[i - 1]?.course)}</p>
          <p>{text(version.care, versions[i - 1]?.care)}</p>
        </section>
      ))}
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button></div>
    </Dialog>
  );
}
