// The paper exception: print the sheet, have it signed with ink, and bring the scan back with the code that stands on it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type FormEvent } from "react";
import { get, keys, openPrint, send, type Encounter, type FilledForm, type FormSlot } from "@/api";
import { base64Of } from "@/lib/base64";
import { Dialog } from "@/ui/dialog";
import { PinDialog } from "@/ui/pin-dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";
import { WhoSigns, type Representative } from "./who";

const LARGEST = 8 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "application/pdf"];
interface Given { file: File; code: string; keptAt: string }
interface Props { encounterId: string; filled: FilledForm; slot: FormSlot; onClose: () => void; onSigned: (filled: FilledForm) => void }

export function PaperSigning({ encounterId, filled, slot, onClose, onSigned }: Props) {
  const t = useText();
  const cache = useQueryClient();
  const stay = useQuery({ queryKey: keys.encounter(encounterId), queryFn: ({ signal }) => get<Encounter>(`/encounters/${encounterId}`, signal) });
  const [given, setGiven] = useState<Given | null>(null);
  const [by, setBy] = useState<Representative | null>(null);
  const [stage, setStage] = useState<"scan" | "who" | "witness">("scan");
  const { entry } = filled;
  if (!stay.data) return null;
  const { patient } = stay.data;
  // Each step back finds what was typed.
  if (stage === "scan" || !given) return <Scan entryId={entry.id} version={entry.version} slot={slot} given={given} onClose={onClose} onReady={(next) => (setGiven(next), setStage("who"))} />;
  if (stage === "who") return <WhoSigns slot={slot.label} lead={t("paperWhoLead")} action={t("goOn")} patient={patient} given={by} onClose={() => setStage("scan")} onReady={(next) => (setBy(next), setStage("witness"))} />;
  const name = by?.name ?? patient.name;
  const confirm = async (pin: string) => {
    const body = { version: entry.version, slot: slot.name, representative: by, scan: await base64Of(given.file), code: given.code, keptAt: given.keptAt, pin };
    const signed = await send<FilledForm>("POST", `/filled-forms/${entry.id}/paper-signature`, body);
    cache.setQueryData(keys.filled(encounterId, entry.id), signed);
    void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) });
    onSigned(signed);
  };
  return (
    <PinDialog title={t("paperConfirmTitle", { name })} action={t("confirm")} sign={confirm} onClose={() => setStage("who")} wide>
      <p>{t("paperConfirmLead", { title: entry.title, n: entry.version, name, place: given.keptAt })}</p>
      <Picture file={given.file} />
    </PinDialog>
  );
}

function Picture({ file }: { file: File }) {
  const t = useText();
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (file.type === "application/pdf" || !url) return <p className="muted">{t("paperFile", { name: file.name })}</p>;
  return <img className="paperscan" src={url} alt={t("paperFile", { name: file.name })} />;
}

function Scan({ entryId, version, slot, given, onClose, onReady }: { entryId: string; version: number; slot: FormSlot; given: Given | null; onClose: () => void; onReady: (given: Given) => void }) {
  const t = useText();
  const [file, setFile] = useState<File | null>(given?.file ?? null);
  const [code, setCode] = useState(given?.code ?? "");
  const [keptAt, setKeptAt] = useState(given?.keptAt ?? "");
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const fileGap = !file ? "needScan" as const : !KINDS.includes(file.type) ? "scanKind" as const : file.size > LARGEST ? "scanLarge" as const : null;
  const codeGap = code.replace(/[\s-]/g, "").length === 8 ? null : "needCode" as const;
  const placeGap = keptAt.trim().length >= 2 ? null : "needPlace" as const;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (file && !fileGap && !codeGap && !placeGap) onReady({ file, code, keptAt: keptAt.trim().normalize("NFC") });
  };
  const print = () => openPrint(`/filled-forms/${entryId}/paper`, { version, slot: slot.name }).catch(setError);
  const note = (gap: Parameters<typeof t>[0] | null, id: string) => tried && gap && <small className="wrong" id={id}>{t(gap)}</small>;
  return (
    <Dialog title={t("paperTitle", { slot: slot.label })} onClose={onClose} wide>
      <ol className="papersteps">
        <li><p>{t("paperPrint")}</p><button type="button" className="btn" onClick={() => void print()}>{t("print")}</button></li>
        <li><p>{t("paperInk")}</p></li>
        <li>
          <p>{t("paperBack")}</p>
          <form className="stack" onSubmit={submit} noValidate id="paper-back">
            <div className="formgrid">
              <label className="field"><span>{t("scan")}</span><input type="file" name="scan" accept={KINDS.join(",")} aria-invalid={tried && fileGap !== null ? true : undefined} aria-describedby="gap-scan" onChange={(event) => setFile(event.target.files?.[0] ?? null)} />{file && <small>{t("paperFile", { name: file.name })}</small>}{note(fileGap, "gap-scan")}</label>
              <label className="field w6"><span>{t("code")}</span><input type="text" name="code" autoComplete="off" value={code} aria-invalid={tried && codeGap ? true : undefined} aria-describedby="gap-code" onChange={(event) => setCode(event.target.value.toUpperCase())} /><small>{t("codeHint")}</small>{note(codeGap, "gap-code")}</label>
              <label className="field w6"><span>{t("keptAt")}</span><input type="text" name="keptAt" autoComplete="off" value={keptAt} aria-invalid={tried && placeGap ? true : undefined} aria-describedby="gap-place" onChange={(event) => setKeptAt(event.target.value)} /><small>{t("keptHint")}</small>{note(placeGap, "gap-place")}</label>
            </div>
          </form>
        </li>
      </ol>
      <Refusal error={error} />
      <div className="actions"><button type="button" className="btn" onClick={onClose}>{t("cancel")}</button><button type="submit" form="paper-back" className="btn p">{t("goOn")}</button></div>
    </Dialog>
  );
}
