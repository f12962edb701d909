// Every version of a set, newest first; a value that a later version replaced is struck through.
import { useQuery } from "@tanstack/react-query";
import { get, keys, type VitalSet } from "@/api";
import { useCommon } from "@/i18n";
import { useChartText } from "@/i18n/chart";
import { fullDateTime } from "@/lib/time";
import { valueOf, written } from "@/lib/vitals";
import { Dialog } from "@/ui/dialog";
import { Failure, Loading } from "@/ui/status";
import { VitalName } from "@/ui/vital-name";

export function Versions({ set, onClose }: { set: VitalSet; onClose: () => void }) {
  const t = useChartText();
  const common = useCommon();
  const words = { air: common("air"), onOxygen: common("onOxygen") };
  const found = useQuery({ queryKey: [...keys.chart(set.encounterId, "vitals"), "versions", set.id, set.version], queryFn: ({ signal }) => get<VitalSet[]>(`/vitals/${set.id}/versions`, signal) });
  const versions = [...(found.data ?? [])].sort((a, b) => b.version - a.version);
  return (
    <Dialog title={t("versionsOf")} onClose={onClose} wide>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("partFailed")} error={found.error} />}
      {versions.map((version, i) => {
        const later = versions[i - 1];
        return (
          <section key={version.version} className="version">
            <p><b>{t("version", { n: version.version })}</b> · {version.author?.name ?? version.device} · {fullDateTime(version.recordedAt)} {later && <span className="tag">{t("old")}</span>}</p>
            {version.reason && <p className="muted">{t("reason")}: {version.reason}</p>}
            <p className="versionvalues">
              {version.values.map((value) => {
                const text = written(value, words);
                const replaced = later && written(valueOf(later, value.code), words) !== text;
                return <span key={value.code}><span className="muted"><VitalName code={value.code} /></span> {replaced ? <s>{text}</s> : <b>{text}</b>}</span>;
              })}
            </p>
          </section>
        );
      })}
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button></div>
    </Dialog>
  );
}
