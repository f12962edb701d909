// «Xác nhận»: what staff signed and the head of the hospital has yet to confirm, record by record; many with one PIN.
// Nothing is chosen before somebody chooses it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { BASE, get, keys, type Confirmed, type ConfirmationQueue, type WaitingConfirmation } from "@/api";
import { useHotkey } from "@/lib/hotkey";
import { birthDate, fullDateTime } from "@/lib/time";
import "@/ui/page.css";
import { PinDialog } from "@/ui/pin-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/table.css";
import { confirmAll } from "./confirm";
import "./confirmations.css";
import { useText } from "./text";

const sum = (of: readonly { signatures: number }[]) => of.reduce((n, one) => n + one.signatures, 0);

function Authority({ queue }: { queue: ConfirmationQueue }) {
  const t = useText();
  const { authority, mayConfirm, ownCertificate } = queue;
  if (!mayConfirm) return null;
  if (!authority) return <p className="refusal" role="alert">{t("noAuthority")}</p>;
  const words = { capacity: authority.capacityText.toLowerCase(), decision: authority.decision };
  return (
    <>
      <p>{authority.until ? t("authorityUntil", { ...words, date: birthDate(authority.until.slice(0, 10)) }) : t("authority", words)}</p>
      {ownCertificate && <p className="muted">{t("ownCertificate")}</p>}
    </>
  );
}

interface RowProps { item: WaitingConfirmation; chosen: boolean; choose: (() => void) | null }
function Row({ item, chosen, choose }: RowProps) {
  const t = useText();
  return (
    <tr aria-selected={choose ? chosen : undefined}>
      <td>{choose && <input type="checkbox" checked={chosen} aria-label={t("choose", { number: item.number, name: item.patientName })} onChange={choose} />}</td>
      <td><b>{item.number}</b></td>
      <td><b>{item.patientName}</b> <small>{item.patientCode}</small></td>
      <td>{item.ward.name}</td>
      <td>{t(item.record)}</td>
      <td className="num">{item.signatures}</td>
      <td>{fullDateTime(item.oldestAt)} {item.overdue && <span className="tag late">{t("overdue")}</span>}</td>
      <td><Link className="btn small" href={`/chart/${item.encounterId}/record`} aria-label={`${t("open")} ${item.number}`}>{t("open")}</Link></td>
    </tr>
  );
}

interface Answered { answer: Confirmed; items: readonly WaitingConfirmation[] }
function Answer({ answer, items, hide }: Answered & { hide: () => void }) {
  const t = useText();
  const name = (id: string) => items.find((item) => item.encounterId === id);
  return (
    <div className="card confirmanswer" role="status">
      <p><b>{t("done", { n: answer.confirmed.length, signatures: sum(answer.confirmed) })}</b> {answer.failed.length > 0 && t("partly", { n: answer.failed.length })} <button type="button" className="btn small" onClick={hide}>{t("hide")}</button></p>
      <ul>
        {answer.failed.map(({ encounterId, detail }) => <li key={encounterId}><b>{name(encounterId)?.number} · {name(encounterId)?.patientName}</b> <span className="tag bad">{detail}</span></li>)}
        {answer.confirmed.map(({ encounterId, documentId, version }) => <li key={encounterId}>{name(encounterId)?.number} · {name(encounterId)?.patientName} <a href={`${BASE}/documents/${documentId}/versions/${version}/pdf`} target="_blank" rel="noreferrer">{t("sheet")}</a></li>)}
      </ul>
    </div>
  );
}

export function ConfirmationsPage() {
  const t = useText();
  const cache = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [signing, setSigning] = useState<readonly WaitingConfirmation[] | null>(null);
  const [progress, setProgress] = useState(0);
  const [answered, setAnswered] = useState<Answered | null>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.confirmations, queryFn: ({ signal }) => get<ConfirmationQueue>("/confirmations", signal), staleTime: 0, refetchInterval: 60_000 });
  const queue = found.data;
  const items = queue?.waiting ?? [];
  const signs = queue?.mayConfirm === true && queue.authority !== null;
  const picked = items.filter((item) => chosen.has(item.encounterId));
  const late = items.filter((item) => item.overdue);
  const pick = (some: readonly WaitingConfirmation[]) => setChosen(new Set(some.map((item) => item.encounterId)));
  const toggle = ({ encounterId }: WaitingConfirmation) => setChosen((was) => new Set(was.has(encounterId) ? [...was].filter((one) => one !== encounterId) : [...was, encounterId]));
  const start = () => {
    if (picked.length === 0) return setSaid(t("pick"));
    setSaid("");
    setProgress(0);
    setSigning(picked);
  };
  useHotkey("F9", start, signs && items.length > 0);
  const sign = async (pin: string) => {
    if (!signing) return;
    const answer = await confirmAll(signing.map((item) => item.encounterId), pin, setProgress);
    setAnswered({ answer, items: signing });
    setSigning(null);
    setChosen(new Set());
    void cache.invalidateQueries({ queryKey: keys.confirmations });
    for (const { encounterId } of answer.confirmed) void cache.invalidateQueries({ queryKey: keys.encounter(encounterId) });
  };
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>
        {items.length > 0 && <span className="muted">{t("count", { n: items.length, signatures: sum(items), chosen: picked.length })}</span>}
        {queue && late.length > 0 && <span className="tag late">{t("late", { n: late.length, hours: queue.lateAfterHours })}</span>}
        <span role="status">{said}</span><span className="grow" />
        {signs && items.length > 0 && (
          <>
            {late.length > 0 && late.length < items.length && <button type="button" className="btn" onClick={() => pick(late)}>{t("allLate")}</button>}
            <button type="button" className="btn" onClick={() => pick(picked.length === items.length ? [] : items)}>{t(picked.length === items.length ? "none" : "all")}</button>
            <button type="button" className="btn p" aria-disabled={picked.length === 0} onClick={start}>{t("sign", { n: picked.length })} <kbd>F9</kbd></button>
          </>
        )}
      </div>
      <div className="confirmlead"><p className="muted">{t("lead")}</p>{queue && <Authority queue={queue} />}</div>
      {answered && <Answer {...answered} hide={() => setAnswered(null)} />}
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {queue && items.length === 0 && <Empty title={t("empty")} />}
      {items.length > 0 && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard confirmations" tabIndex={0} role="region" aria-label={t("title")}>
          <table className="grid">
            <thead><tr><th scope="col"><span className="sr">{t("all")}</span></th><th scope="col">{t("number")}</th><th scope="col">{t("patient")}</th><th scope="col">{t("ward")}</th><th scope="col">{t("state")}</th><th scope="col" className="num">{t("signatures")}</th><th scope="col">{t("oldest")}</th><th scope="col"><span className="sr">{t("open")}</span></th></tr></thead>
            <tbody>{items.map((item) => <Row key={item.encounterId} item={item} chosen={chosen.has(item.encounterId)} choose={signs ? () => toggle(item) : null} />)}</tbody>
          </table>
          {items.length === 500 && <p className="muted">{t("first", { n: items.length })}</p>}
        </div>
      )}
      {signing && (
        <PinDialog title={t("sign", { n: signing.length })} action={t("sign", { n: signing.length })} sign={sign} onClose={() => setSigning(null)}>
          <p>{t("signLead", { n: signing.length, signatures: sum(signing) })}</p>
          {progress > 0 && <p role="status">{t("progress", { done: progress, n: signing.length })}</p>}
        </PinDialog>
      )}
    </>
  );
}
