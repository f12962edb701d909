// Phiếu chăm sóc: time – course – care. A new entry on top, kept as a draft until it is saved; each is signed by its author.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, send, type CareNote, type Encounter } from "@/api";
import { useChartText } from "@/i18n/chart";
import { useWrites } from "@/lib/chart";
import { charts, useSession } from "@/lib/session";
import { clockTime, dateTime, dayMonth } from "@/lib/time";
import { EntryPaper } from "@/ui/entry-paper";
import { LateTag } from "@/ui/late-tag";
import { PinDialog } from "@/ui/pin-dialog";
import { ReasonDialog } from "@/ui/reason-dialog";
import { SignatureLine } from "@/ui/signature";
import { Empty, Failure, Loading } from "@/ui/status";
import { CorrectNote } from "./correct-note";
import { NewNote } from "./new-note";
import { NoteVersions } from "./note-versions";
import "./notes.css";

const gone = (note: CareNote) => note.status === "entered-in-error";
type Doing = { what: "sign" | "correct" | "versions" | "withdraw" | "restore"; note: CareNote };

export function NotesPart({ encounter }: { encounter: Encounter }) {
  const t = useChartText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const [doing, setDoing] = useState<Doing | null>(null);
  const found = useQuery({ queryKey: keys.chart(encounter.id, "notes"), queryFn: ({ signal }) => get<CareNote[]>(`/encounters/${encounter.id}/notes`, signal) });
  const refresh = () => cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
  const notes = [...(found.data ?? [])].sort((a, b) => b.effectiveAt.localeCompare(a.effectiveAt));
  const writes = useWrites();
  const may = charts(role) && writes;
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
          <li key={note.id} className={gone(note) ? "gone" : undefined}>
            <div className="notewhen">
              <time dateTime={note.effectiveAt}><b>{clockTime(note.effectiveAt)}</b> {dayMonth(note.effectiveAt)}</time>
              <span className="muted">{note.author.name}</span>
              {note.version > 1 && <button type="button" className="btn quiet small" onClick={() => setDoing({ what: "versions", note })}>{t("version", { n: note.version })}</button>}
            </div>
            <p>{note.course}</p>
            <p>{note.care}</p>
            <div className="noteend">
              <LateTag late={note.late} />
              <EntryPaper encounterId={encounter.id} kind="note" entry={note} when={dateTime(note.effectiveAt)} />
              {gone(note) && <><span className="tag bad">{t("withdrawn")}</span><small>{note.reason}</small></>}
              {note.signature ? <SignatureLine signature={note.signature} /> : !gone(note) && <span className="tag">{t("unsigned")}</span>}
              <span className="grow" />
              {may && !gone(note) && <button type="button" className="btn small" onClick={() => setDoing({ what: "withdraw", note })}>{t("withdrawNote")}</button>}
              {may && !gone(note) && <button type="button" className="btn small" onClick={() => setDoing({ what: "correct", note })}>{t("correctNote")}</button>}
              {may && gone(note) && <button type="button" className="btn small" onClick={() => setDoing({ what: "restore", note })}>{t("restore")}</button>}
              {note.mine && !note.signature && !gone(note) && <button type="button" className="btn small p" onClick={() => setDoing({ what: "sign", note })}>{t("signNote")}</button>}
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
      {doing?.what === "withdraw" && <ReasonDialog title={t("withdrawNote")} lead={t("withdrawLead")} label={t("withdrawWhy")} action={t("withdrawNote")} name="reason" missing={t("reasonNeeded")} dismiss="close" path={`/notes/${doing.note.id}/withdraw`} body={{ version: doing.note.version }} onClose={() => setDoing(null)} onDone={done} />}
      {doing?.what === "restore" && <ReasonDialog title={t("restore")} lead={t("restoreLead")} label={t("restoreWhy")} action={t("restore")} name="reason" missing={t("reasonNeeded")} path={`/notes/${doing.note.id}/restore`} body={{ version: doing.note.version }} onClose={() => setDoing(null)} onDone={done} />}
      {doing?.what === "versions" && <NoteVersions note={doing.note} onClose={() => setDoing(null)} />}
    </section>
  );
}
