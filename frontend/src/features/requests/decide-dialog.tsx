// Yes with how much and until when, or no; with words in either case.
import { useState, type FormEvent } from "react";
import { send, type RecordExtent, type RecordRequest } from "@/api";
import { useCommon } from "@/i18n";
import { now } from "@/lib/clock";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { needsWill } from "./requesters";
import { useText } from "./text";

const DAYS = [1, 7, 30, 90] as const;
const DAY = 86_400_000;
/** A moment less than the limit: the clocks of two machines differ. */
const SPARE = 60_000;

export function DecideDialog({ request, onClose, onDone }: { request: RecordRequest; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [extent, setExtent] = useState<RecordExtent>(request.extent);
  const [copy, setCopy] = useState(request.copy);
  const [days, setDays] = useState<number>(7);
  const [words, setWords] = useState("");
  const [paper, setPaper] = useState("");
  const [error, setError] = useState<unknown>(null);
  const say = (grant: boolean) => {
    const why = words.trim().normalize("NFC");
    if (!why) return setError(new Error(t("needWords")));
    const until = new Date(now() + days * DAY - SPARE).toISOString();
    const body = grant ? { grant, extent, copy: extent === "record" && copy, until, words: why, patientPaper: paper.trim().normalize("NFC") } : { grant, words: why };
    send("POST", `/record-requests/${request.id}/decide`, body).then(onDone, setError);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say(true);
  };
  return (
    <Dialog title={t("decideTitle", { number: request.number })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p><b>{request.name}</b>, {request.requesterText}{request.organisation && `, ${request.organisation}`}: {t(request.extent)}{request.copy && `, ${t("withCopy")}`}. {request.purpose}.</p>
        <p className="muted">{request.paper}. {request.ground}. {request.identity}.</p>
        <div className="formgrid">
          <label className="field w6"><span>{t("give")}</span>
            <select className="box" name="extent" value={extent} disabled={request.extent === "summary"} onChange={(event) => setExtent(event.target.value as RecordExtent)}>
              <option value="summary">{t("summary")}</option>{request.extent === "record" && <option value="record">{t("record")}</option>}
            </select>
          </label>
          <label className="field w6"><span>{t("during")}</span>
            <select className="box" name="days" value={days} onChange={(event) => setDays(Number(event.target.value))}>{DAYS.map((n) => <option key={n} value={n}>{t("days", { n })}</option>)}</select>
          </label>
        </div>
        {request.copy && extent === "record" && <label className="choice"><input type="checkbox" name="copy" checked={copy} onChange={(event) => setCopy(event.target.checked)} /> {t("allowCopy")}</label>}
        {needsWill(request.requester) && <label className="field"><span>{t("patientPaper")}</span><input type="text" name="patientPaper" maxLength={200} autoComplete="off" value={paper} onChange={(event) => setPaper(event.target.value)} /><small>{t("patientPaperHint")}</small></label>}
        <label className="field"><span>{t("words")}</span><textarea name="words" rows={2} maxLength={500} value={words} onChange={(event) => setWords(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="button" className="btn danger" onClick={() => say(false)}>{t("refuse")}</button><button type="submit" className="btn p">{t("grant")}</button></div>
      </form>
    </Dialog>
  );
}
