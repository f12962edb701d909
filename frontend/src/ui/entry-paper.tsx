// Beside an entry that was written from paper afterwards: the scans of that paper, and a button to attach one for who wrote it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { BASE, get, keys, send, type EntryScan } from "@/api";
import { useChartText } from "@/i18n/chart";
import { base64Of } from "@/lib/base64";
import { useWrites } from "@/lib/chart";
import { fullDateTime } from "@/lib/time";
import { Refusal } from "./status";

const LARGEST = 8 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "application/pdf"];
/** What is written sooner was hardly on paper first. */
const AFTERWARDS = 30 * 60_000;
interface Props { encounterId: string; kind: EntryScan["kind"]; entry: { id: string; effectiveAt: string; recordedAt: string; mine: boolean }; when: string }

export function EntryPaper({ encounterId, kind, entry, when }: Props) {
  const t = useChartText();
  const cache = useQueryClient();
  const writes = useWrites();
  const input = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const found = useQuery({ queryKey: keys.entryScans(encounterId), queryFn: ({ signal }) => get<EntryScan[]>(`/encounters/${encounterId}/entry-scans`, signal) });
  const scans = (found.data ?? []).filter((scan) => scan.kind === kind && scan.entryId === entry.id);
  const afterwards = Date.parse(entry.recordedAt) - Date.parse(entry.effectiveAt) > AFTERWARDS;
  const may = entry.mine && writes && afterwards;
  if (scans.length === 0 && !may) return null;
  const attach = async (file: File) => {
    if (!KINDS.includes(file.type) || file.size > LARGEST) return setError(new Error(t("paperWrongFile")));
    setBusy(true);
    setError(null);
    try {
      await send<EntryScan[]>("POST", `/${kind === "vitals" ? "vitals" : "notes"}/${entry.id}/paper`, { scan: await base64Of(file) });
      await cache.invalidateQueries({ queryKey: keys.entryScans(encounterId) });
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      {scans.map((scan, n) => <a key={scan.id} className="tag" href={`${BASE}/entry-scans/${scan.id}/file`} target="_blank" rel="noreferrer" title={t("paperBy", { name: scan.attachedBy.name, time: fullDateTime(scan.attachedAt) })}>{t("paper")}{scans.length > 1 && ` ${n + 1}`}</a>)}
      {may && (
        <>
          <button type="button" className="btn small" aria-disabled={busy} aria-label={`${t("paperAttach")}, ${when}`} onClick={() => busy || input.current?.click()}>{t(busy ? "paperSending" : "paperAttach")}</button>
          <input ref={input} type="file" name="entryPaper" hidden accept={KINDS.join(",")} aria-label={`${t("paperAttach")}, ${when}`} onChange={(event) => { const file = event.target.files?.[0]; event.target.value = ""; if (file) void attach(file); }} />
        </>
      )}
      <Refusal error={error} />
    </>
  );
}
