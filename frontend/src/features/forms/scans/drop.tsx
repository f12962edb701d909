// A heap of files is dropped: one after the other goes to the server, and each line says what became of it.
import { useQueryClient } from "@tanstack/react-query";
import { useContext, useRef, useState, type DragEvent } from "react";
import { keys, query, sendFile, type HandedInScan } from "@/api";
import { WardContext } from "@/lib/ward";
import { detailOf } from "@/ui/status";
import { useText } from "./text";

const LARGEST = 8 * 1024 * 1024;
const KINDS = ["image/jpeg", "image/png", "application/pdf"];
const MOST = 100;
interface Line { key: number; name: string; tone: "tag" | "tag new" | "tag good" | "tag warn" | "tag bad"; words: string }

export function Drop() {
  const t = useText();
  const cache = useQueryClient();
  const ward = useContext(WardContext);
  const [lines, setLines] = useState<Line[]>([]);
  const [over, setOver] = useState(false);
  const [ofWard, setOfWard] = useState(true);
  const [note, setNote] = useState("");
  const next = useRef(0);
  const input = useRef<HTMLInputElement>(null);
  const done = lines.filter((line) => line.tone !== "tag" && line.tone !== "tag new").length;

  const told = ({ outcome, scan }: HandedInScan): Pick<Line, "tone" | "words"> => {
    if (outcome === "known") return { tone: "tag warn", words: t("fileKnown") };
    if (scan?.elsewhere) return { tone: "tag good", words: t("fileElsewhere") };
    return scan?.why ? { tone: "tag warn", words: scan.whyText ?? "" } : { tone: "tag good", words: t("fileReady") };
  };
  const sendOne = async (file: File): Promise<Pick<Line, "tone" | "words">> => {
    if (!KINDS.includes(file.type)) return { tone: "tag bad", words: t("fileKind") };
    if (file.size > LARGEST) return { tone: "tag bad", words: t("fileLarge") };
    const sent = sendFile<HandedInScan>(`/paper-scans${query({ ward: ofWard ? ward?.id : undefined })}`, file);
    return sent.then(told, (error: unknown) => ({ tone: "tag bad" as const, words: t("fileFailed", { why: detailOf(error) }) }));
  };
  const take = async (files: readonly File[]) => {
    const heap = files.slice(0, MOST).map((file) => ({ file, key: next.current++ }));
    setNote(files.length > MOST ? t("tooMany", { n: MOST }) : "");
    setLines((was) => [...was, ...heap.map(({ file, key }) => ({ key, name: file.name, tone: "tag" as const, words: t("fileQueued") }))]);
    const say = (key: number, what: Pick<Line, "tone" | "words">) => setLines((was) => was.map((line) => (line.key === key ? { ...line, ...what } : line)));
    for (const { file, key } of heap) {
      say(key, { tone: "tag new", words: t("fileSending") });
      say(key, await sendOne(file));
    }
    void cache.invalidateQueries({ queryKey: keys.paperScans });
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take([...event.dataTransfer.files]);
  };
  return (
    // To drop is the mouse's way alone; the button does the same for everybody.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section className="card scandrop" data-over={over || undefined} aria-label={t("drop")} onDragOver={(event) => (event.preventDefault(), setOver(true))} onDragLeave={() => setOver(false)} onDrop={dropped}>
      <p className="row wrap">
        <b>{t("drop")}</b> <button type="button" className="btn p" onClick={() => input.current?.click()}>{t("choose")}</button>
        <input ref={input} type="file" name="scans" hidden multiple accept={KINDS.join(",")} aria-label={t("choose")} onChange={(event) => { void take([...(event.target.files ?? [])]); event.target.value = ""; }} />
        {ward && <label className="choice"><input type="checkbox" checked={ofWard} onChange={(event) => setOfWard(event.target.checked)} /> {t("ofWard", { ward: ward.name })}</label>}
        <small className="muted">{t("dropHint", { n: MOST })}</small>
      </p>
      {note && <p className="tag warn" role="alert">{note}</p>}
      {lines.length > 0 && (
        <>
          <p className="row"><span role="status">{t("sent", { n: done, all: lines.length })}</span><button type="button" className="btn small" aria-disabled={done < lines.length} onClick={() => done === lines.length && setLines([])}>{t("clear")}</button></p>
          <ul className="scanfiles">{lines.map((line) => <li key={line.key}><span>{line.name}</span> <span className={line.tone}>{line.words}</span></li>)}</ul>
        </>
      )}
    </section>
  );
}
