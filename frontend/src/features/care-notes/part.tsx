// Phiếu chăm sóc: time – course – care. A new entry on top, kept as a draft until it is saved; each is signed by its author.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, send, type CareNote, type Encounter } from "@/api";
import { useChartText } from "@/i18n/chart";
import { charts, useSession } from "@/lib/session";
import { clockTime, dateTime, dayMonth } from "@/lib/time";
import { LateTag } from "@/ui/late-tag";
import { PinDialog } from "@/ui/pin-dialog";
import { SignatureLine } from "@/ui/signature";
import { Empty, Failure, Loading } from "@/ui/status";
import { CorrectNote } from "./correct-note";
import { NewNote } from "./new-note";
import { NoteVersions } from "./note-versions";
import "./notes.css";

type Doing = { what: "sign" | "correct" | "versions"; note: CareNote };

export function NotesPart({ encounter }: { encounter: Encounter }) {
  const t = useChartText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [doing, setDoing] = useState<Doing | null>(null);
  const found = useQuery({ queryKey: keys.chart(encounter.id, "notes"), queryFn: ({ signal }) => get<CareNote[]>(`/encounters/${encounter.id}/notes`, signal) });
  const refresh = () => cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
  const notes = [...(found.data ?? [])].sort((a, b) => b.effectiveAt.localeCompare(a.effectiveAt));
  const may = charts(role) && encounter.state === "active";
  const done = () => {
    setDoing(null);
    void refresh();
  };
  return (
    <section className="card notes">
      {may && <NewNote encounterId={encounter.id} onSaved={() => void refresh()} />}
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("partFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && notes.length === 0 && <Empty title={t("noteEmpty")} />}
      <ol>
        {notes.map((note) => (
          <li key={note.id}>
            <div className="notewhen">
              <time dateTime={note.effectiveAt}><b>{clockTime(note.effectiveAt)}</b> {dayMonth(note.effectiveAt)}</time>
              <span className="muted">{note.author.name}</span>
              {note.version > 1 && <button type="button" className="btn quiet small" onClick={() => setDoing({ what: "versions", note })}>{t("version", { n: note.version })}</button>}
            </div>
            <p>{note.course}</p>
            <p>{note.care}</p>
            <div className="noteend">
              <LateTag late={note.late} />
              {note.signature ? <SignatureLine signature={note.signature} /> : <span className="tag">{t("unsigned")}</span>}
              <span className="grow" />
              {may && <button type="button" className="btn small" onClick={() => setDoing({ what: "correct", note })}>{t("correctNote")}</button>}
              {note.mine && !note.signature && <button type="button" className="btn small p" onClick={() => setDoing({ what: "sign", note })}>{t("signNote")}</button>}
            </div>
          </li>
        ))}
      </ol>
      {doing?.what === "sign" && (
        <PinDialog title={t("signNote")} action={t("signOne")} onClose={() => setDoing(null)} sign={async (pin) => { await send<CareNote>("POST", `/notes/${doing.note.id}/sign`, { pin }); done(); }}>
          <p>{t("signNoteLead", { time: dateTime(doing.note.effectiveAt), n: doing.note.version })}</p>
          <blockquote>{doing.note.course}<br />{doing.note.care}</blockquote>
        </PinDialog>
      )}
      {doing?.what === "correct" && <CorrectNote note={doing.note} onClose={() => setDoing(null)} onSaved={done} />}
      {doing?.what === "versions" && <NoteVersions note={doing.note} onClose={() => setDoing(null)} />}
    </section>
  );
}
