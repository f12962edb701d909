// One request with its papers, its decision and what was given out on it; the record room gives out from here.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, keys, send, takeFile, type RecordRequest } from "@/api";
import { useCommon } from "@/i18n";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading, Refusal } from "@/ui/status";
import { GiveReaderDialog } from "./give-reader-dialog";
import { Reader } from "./reader";
import { useText } from "./text";

type Doing = "read" | "summary" | "finish" | "withdraw" | "give" | "end";

function Facts({ request }: { request: RecordRequest }) {
  const t = useText();
  const { decision, ended } = request;
  return (
    <dl className="facts">
      <div><dt>{t("patient")}</dt><dd>{request.patientName} <small>{request.stayNumber}</small></dd></div>
      <div><dt>{t("who")}</dt><dd>{request.name}, {request.requesterText}{request.organisation && `, ${request.organisation}`}</dd></div>
      <div><dt>{t("papers")}</dt><dd>{request.paper}. {request.identity}. {request.ground}</dd></div>
      <div><dt>{t("wants")}</dt><dd>{t(request.extent)}{request.copy && `, ${t("withCopy")}`}. {request.purpose}</dd></div>
      <div><dt>{t("received")}</dt><dd>{fullDateTime(request.receivedAt)}, {request.receivedBy.name}</dd></div>
      {decision && <div><dt>{t("decision")}</dt><dd>{t("decidedBy", { text: t(decision.granted ? "grant" : "refuse"), name: decision.by.name, time: fullDateTime(decision.at), words: decision.words })}{decision.extent && <small>{t(decision.extent)}{decision.copy && `, ${t("withCopy")}`}{decision.until && `, ${t("until", { time: fullDateTime(decision.until) })}`}</small>}{decision.onConsent && <small>{t("onConsent")}</small>}{decision.patientPaper && <small>{t("onPaper", { paper: decision.patientPaper })}</small>}</dd></div>}
      {ended && <div><dt>{t("ended")}</dt><dd>{t("endedBy", { text: request.stateText, name: ended.by.name, time: fullDateTime(ended.at), reason: ended.reason })}</dd></div>}
    </dl>
  );
}

function Uses({ request }: { request: RecordRequest }) {
  const t = useText();
  if (request.uses.length === 0) return <p className="muted">{t("noUses")}</p>;
  return <ul className="uses">{request.uses.map((use) => <li key={`${use.kind}${use.at}`}><b>{use.kindText}</b> {fullDateTime(use.at)}, {use.by.name}{use.note && `: ${use.note}`}{use.sha256 && <small>{t("fingerprint")} {use.sha256}</small>}</li>)}</ul>;
}

interface NoteProps { request: RecordRequest; kind: "read" | "summary"; onClose: () => void; onDone: () => void }
function NoteDialog({ request, kind, onClose, onDone }: NoteProps) {
  const t = useText();
  const common = useCommon();
  const [note, setNote] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!note.trim()) return setError(new Error(t("needNote")));
    send("POST", `/record-requests/${request.id}/uses`, { kind, note: note.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={t(`${kind}Title`)} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="muted">{t(`${kind}Lead`)}</p>
        <label className="field"><span>{t("note")}</span><input type="text" name="note" maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("save")}</button></div>
      </form>
    </Dialog>
  );
}

interface Props { id: string; number: string; onClose: () => void; onChanged: (words: string) => void }
export function OneRequest({ id, number, onClose, onChanged }: Props) {
  const t = useText();
  const common = useCommon();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const [error, setError] = useState<unknown>(null);
  const path = `/record-requests/${id}`;
  const found = useQuery({ queryKey: keys.request(id), queryFn: ({ signal }) => get<RecordRequest>(path, signal), staleTime: 0 });
  const request = found.data;
  const done = (words: string) => {
    setDoing(null);
    setError(null);
    setSaid(words);
    void cache.invalidateQueries({ queryKey: keys.request(id) });
    onChanged(words);
  };
  const copy = () => {
    setSaid(t("taking"));
    setError(null);
    takeFile(`${path}/copy`).then(() => done(t("taken")), (no: unknown) => { setSaid(""); setError(no); });
  };
  const stop = () => setDoing(null);
  const granted = request?.mayServe && request.state === "granted" ? request.decision : null;
  if (request && (doing === "read" || doing === "summary")) return <NoteDialog request={request} kind={doing} onClose={stop} onDone={() => done(t("saidNoted"))} />;
  if (request && doing === "give") return <GiveReaderDialog request={request} onClose={stop} onDone={() => done(t("saidReader", { name: request.name }))} />;
  if (doing === "end") return <ReasonDialog title={t("endReaderTitle", { name: request?.reader?.user.name ?? "" })} lead={t("endReaderLead")} label={t("reason")} action={t("endReader")} name="reason" missing={t("needReason")} dismiss="close" path={`${path}/reader/end`} onClose={stop} onDone={() => done(t("saidReaderEnded"))} />;
  if (doing === "finish" || doing === "withdraw") return <ReasonDialog title={t(`${doing}Title`, { number })} lead={t(`${doing}Lead`)} label={t("reason")} action={t(doing)} missing={t("needReason")} dismiss="close" gentle={doing === "finish"} path={`${path}/${doing}`} onClose={stop} onDone={() => done(t("saidNoted"))} />;
  return (
    <Dialog title={t("oneTitle", { number })} wide onClose={onClose}>
      <div className="stack onerequest">
        {found.isPending && <Loading />}
        {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
        {request && <><Facts request={request} /><h3>{t("uses")}</h3><Uses request={request} /><Reader request={request} give={() => setDoing("give")} end={() => setDoing("end")} /></>}
        <p className="muted" role="status">{said}</p>
        <Refusal error={error} />
        <div className="actions">
          {request?.mayServe && <button type="button" className="btn danger" onClick={() => setDoing("withdraw")}>{t("withdraw")}</button>}
          {granted && <button type="button" className="btn" onClick={() => setDoing("finish")}>{t("finish")}</button>}
          {granted && <button type="button" className="btn" onClick={() => setDoing("summary")}>{t("noteSummary")}</button>}
          {granted?.extent === "record" && <button type="button" className="btn" onClick={() => setDoing("read")}>{t("noteRead")}</button>}
          {granted?.extent === "record" && granted.copy && <button type="button" className="btn p" disabled={said === t("taking")} onClick={copy}>{t("takeCopy")}</button>}
          <button type="button" className="btn" onClick={onClose}>{common("close")}</button>
        </div>
      </div>
    </Dialog>
  );
}
