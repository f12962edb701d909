// What a patient's data may be used for: each purpose with its answer, what must be asked again, and all that was answered.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { BASE, get, keys, type ConsentAnswer, type ConsentPurpose, type ConsentSheet } from "@/api";
import { fullDateTime } from "@/lib/time";
import "@/ui/forms.css";
import "@/ui/page.css";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { AskDialog } from "./ask-dialog";
import "./personal.css";
import { useText } from "./text";
import { WithdrawDialog } from "./withdraw-dialog";

type Doing = { what: "ask"; purposes: readonly ConsentPurpose[] } | { what: "withdraw"; purpose: ConsentPurpose } | { what: "defer" };
const isOpen = (purpose: ConsentPurpose) => purpose.needsConsent && (purpose.answer === null || purpose.askAgain !== null);

function State({ purpose }: { purpose: ConsentPurpose }) {
  const t = useText();
  if (!purpose.needsConsent) return <><span className="tag">{t("byLaw")}</span><small>{t("basis", { what: purpose.reference })}</small></>;
  if (purpose.answer === null) return <span className="tag new">{t("notAsked")}</span>;
  const tag = purpose.answer === "agreed" ? (purpose.stands ? "tag good" : "tag warn") : purpose.answer === "deferred" ? "tag warn" : "tag bad";
  return <><span className={tag}>{purpose.answerText}</span>{purpose.askAgainText && <small>{purpose.askAgainText}</small>}</>;
}

function By({ answer }: { answer: ConsentAnswer }) {
  const t = useText();
  return (
    <>
      {t(`by-${answer.givenBy}`, { name: answer.representative?.name ?? "" })}, {fullDateTime(answer.answeredAt)}
      <small>{t("taken", { name: answer.takenBy.name })}{answer.paperPlace && `; ${t("paperAt", { place: answer.paperPlace })}`}{answer.note && `; ${answer.note}`}</small>
    </>
  );
}

function Print({ answer }: { answer: ConsentAnswer }) {
  const t = useText();
  return <a className="btn small" href={`${BASE}/consents/${answer.id}/pdf`} target="_blank" rel="noreferrer" aria-label={`${t("print")}: ${answer.title}, ${fullDateTime(answer.answeredAt)}`}>{t("print")}</a>;
}

interface TableProps { sheet: ConsentSheet; start: (doing: Doing) => void }
function Purposes({ sheet, start }: TableProps) {
  const t = useText();
  return (
    // Scrolls, so it must take the keyboard's focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="card tablecard personal" tabIndex={0} role="region" aria-label={t("purpose")}>
      <table className="grid">
        <thead><tr><th scope="col">{t("purpose")}</th><th scope="col">{t("answer")}</th><th scope="col">{t("when")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
        <tbody>
          {sheet.purposes.map((purpose) => (
            <tr key={purpose.code}>
              <td className="what"><b>{purpose.title}</b>{purpose.sensitive && <> <span className="tag">{t("sensitive")}</span></>}<small>{t("recipients", { who: purpose.recipients })}</small></td>
              <td className="what"><State purpose={purpose} /></td>
              <td className="what">{purpose.last && <By answer={purpose.last} />}</td>
              <td>
                <div className="row">
                  {purpose.last && <Print answer={purpose.last} />}
                  {sheet.mayAsk && purpose.answer === "agreed" && <button type="button" className="btn small danger" aria-label={`${t("withdraw")}: ${purpose.title}`} onClick={() => start({ what: "withdraw", purpose })}>{t("withdraw")}</button>}
                  {sheet.mayAsk && purpose.needsConsent && !purpose.stands && <button type="button" className={isOpen(purpose) ? "btn small p" : "btn small"} aria-label={`${t(purpose.answer ? "askAgain" : "askOne")}: ${purpose.title}`} onClick={() => start({ what: "ask", purposes: [purpose] })}>{t(purpose.answer ? "askAgain" : "askOne")}</button>}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function History({ sheet }: { sheet: ConsentSheet }) {
  const t = useText();
  return (
    <section className="card personal">
      <h2>{t("history")}</h2>
      {sheet.history.length === 0 ? <Empty title={t("noHistory")} /> : (
        <table className="grid">
          <thead><tr><th scope="col">{t("purpose")}</th><th scope="col">{t("answer")}</th><th scope="col">{t("when")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
          <tbody>{sheet.history.map((answer) => <tr key={answer.id}><td className="what">{answer.title} <small>{t("version", { n: answer.version })}</small></td><td>{answer.answerText}</td><td className="what"><By answer={answer} /></td><td><Print answer={answer} /></td></tr>)}</tbody>
        </table>
      )}
    </section>
  );
}

export function ConsentsPage({ patientId }: { patientId: string }) {
  const t = useText();
  const cache = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const [said, setSaid] = useState("");
  const path = `/patients/${patientId}/consents`;
  const found = useQuery({ queryKey: keys.consents(patientId), queryFn: ({ signal }) => get<ConsentSheet>(path, signal), staleTime: 0 });
  const stop = () => setDoing(null);
  const done = (words: string) => {
    stop();
    setSaid(words);
    void cache.invalidateQueries({ queryKey: keys.consents(patientId) });
  };
  if (found.isPending) return <Loading />;
  if (found.isError) return <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />;
  const sheet = found.data;
  const open = sheet.purposes.filter(isOpen);
  return (
    <>
      <div className="bar">
        <h1>{t("consentsTitle", { name: sheet.patientName })}</h1><small>{sheet.patientCode}</small>
        <span className="muted" role="status">{said}</span><span className="grow" />
        <Link className="btn" href={`/patients/${patientId}`}>{t("back")}</Link>
        {sheet.mayAsk && open.length > 0 && <button type="button" className="btn" onClick={() => setDoing({ what: "defer" })}>{t("emergency")}</button>}
        {sheet.mayAsk && open.length > 0 && <button type="button" className="btn p" onClick={() => setDoing({ what: "ask", purposes: open })}>{t("ask")}</button>}
      </div>
      <p className="muted personal-lead">{t("consentsLead")} {open.length === 0 && t("allAsked")}</p>
      <div className="stack"><Purposes sheet={sheet} start={setDoing} /><History sheet={sheet} /></div>
      {doing?.what === "ask" && <AskDialog sheet={sheet} purposes={doing.purposes} onClose={stop} onDone={() => done(t("saidKept"))} />}
      {doing?.what === "withdraw" && <WithdrawDialog sheet={sheet} purpose={doing.purpose} onClose={stop} onDone={() => done(t("saidWithdrawn"))} />}
      {doing?.what === "defer" && <ReasonDialog title={t("emergency")} lead={t("emergencyLead")} label={t("reason")} action={t("save")} name="reason" missing={t("needReason")} gentle path={`${path}/defer`} onClose={stop} onDone={() => done(t("saidDeferred"))} />}
    </>
  );
}
