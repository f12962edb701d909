// What the hospital has decided about its electronic record, and what of it is still missing.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type HouseDecision, type HouseDecisions } from "@/api";
import { birthDate, dayKey, fullDateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import "@/ui/table.css";
import { EnterDialog } from "./enter-dialog";
import { useText } from "./text";

function State({ of }: { of: HouseDecision }) {
  const t = useText();
  if (of.withdrawn) return <><span className="tag">{t("withdrawn")}</span> <small>{t("ended", { name: of.withdrawn.by.name, time: fullDateTime(of.withdrawn.at), reason: of.withdrawn.reason })}</small></>;
  return of.stands ? <span className="tag good">{t("stands")}</span> : <span className="tag new">{t("toCome")}</span>;
}

function Table({ found, withdraw }: { found: HouseDecisions; withdraw: (of: HouseDecision) => void }) {
  const t = useText();
  return (
    // Scrolls, so it must take the keyboard's focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="card tablecard" tabIndex={0} role="region" aria-label={t("title")}>
      <table className="grid">
        <thead><tr><th scope="col">{t("kind")}</th><th scope="col">{t("decision")}</th><th scope="col">{t("from")}</th><th scope="col">{t("state")}</th><th scope="col">{t("enteredBy")}</th><th scope="col"><span className="sr">{t("action")}</span></th></tr></thead>
        <tbody>
          {found.decisions.map((of) => (
            <tr key={of.id}>
              <td>{of.kindText}</td><td><b>{of.decision}</b></td><td>{birthDate(dayKey(of.from))}</td><td><State of={of} /></td><td><small>{of.enteredBy.name}, {fullDateTime(of.enteredAt)}</small></td>
              <td>{found.mayEnter && !of.withdrawn && <button type="button" className="btn small danger" aria-label={`${t("withdraw")} ${of.decision}`} onClick={() => withdraw(of)}>{t("withdraw")}</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function DecisionsPage() {
  const t = useText();
  const [entering, setEntering] = useState(false);
  const [withdrawing, setWithdrawing] = useState<HouseDecision | null>(null);
  const [said, setSaid] = useState("");
  const query = useQuery({ queryKey: keys.houseDecisions, queryFn: ({ signal }) => get<HouseDecisions>("/house-decisions", signal) });
  const found = query.data;
  const done = (words: string) => {
    setEntering(false);
    setWithdrawing(null);
    setSaid(words);
    void query.refetch();
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1><span className="muted" role="status">{said}</span><span className="grow" />
        {found?.mayEnter && <button type="button" className="btn p" onClick={() => setEntering(true)}>{t("enter")}</button>}
      </div>
      <p className="muted lead">{t("lead")}</p>
      {query.isPending && <Loading />}
      {query.isError && <Failure title={t("loadFailed")} error={query.error} retry={() => void query.refetch()} />}
      {found && <p className="row">{found.kinds.map((kind) => <span key={kind.kind} className={kind.stands ? "tag good" : "tag warn"}>{kind.text}: {t(kind.stands ? "stands" : "missing")}</span>)}</p>}
      {found?.decisions.length === 0 && <Empty title={t("none")}>{found.mayEnter && <p>{t("noneHint")}</p>}</Empty>}
      {found && found.decisions.length > 0 && <Table found={found} withdraw={setWithdrawing} />}
      {entering && found && <EnterDialog kinds={found.kinds} onClose={() => setEntering(false)} onDone={() => done(t("saidEntered"))} />}
      {withdrawing && <ReasonDialog title={t("withdrawTitle", { decision: withdrawing.decision })} lead={t("withdrawLead")} label={t("withdrawWhy")} action={t("withdraw")} name="reason" missing={t("needReason")} path={`/house-decisions/${withdrawing.id}/withdraw`} onClose={() => setWithdrawing(null)} onDone={() => done(t("saidWithdrawn"))} />}
    </>
  );
}
