// «Chờ ký»: every sheet that waits for this person, read on the right, chosen on the left, signed with one PIN. Nothing
// is chosen before somebody chooses it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type KeyboardEvent } from "react";
import { Link } from "wouter";
import { BASE, get, keys, send, type FormsSigned, type FormToSign } from "@/api";
import { useHotkey } from "@/lib/hotkey";
import { dateTime } from "@/lib/time";
import { LateTag } from "@/ui/late-tag";
import "@/ui/page.css";
import { PinDialog } from "@/ui/pin-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import { PdfView } from "./pdf-view";
import "./record.css";
import "./signing.css";
import { StateMark } from "./state-mark";
import { useText } from "./text";

const keyOf = ({ entry, slot }: FormToSign) => `${entry.id} ${entry.version} ${slot}`;

/** Arrows go from sheet to sheet; the one in focus is the one that is shown. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step === 0) return;
  const ticks = [...event.currentTarget.querySelectorAll<HTMLInputElement>("input")];
  const here = ticks.findIndex((tick) => tick.closest("li")?.contains(document.activeElement));
  event.preventDefault();
  ticks[here + step]?.focus();
}

function Item({ item, chosen, shown, choose, show }: { item: FormToSign; chosen: boolean; shown: boolean; choose: () => void; show: () => void }) {
  const t = useText();
  const { entry } = item;
  return (
    <li className={shown ? "shown" : undefined}>
      <input type="checkbox" checked={chosen} aria-label={t("queueChoose", { title: entry.title, name: item.patientName })} onChange={choose} onFocus={show} />
      <button type="button" aria-current={shown || undefined} onClick={show}>
        <span className="leafmarks"><b>{entry.title}</b><StateMark state={entry.state} /><LateTag late={entry.late} /></span>
        <span>{item.bed ?? item.ward} · {item.patientName} <small>{item.patientCode}</small></span>
        <small>{entry.author.name} · {dateTime(entry.effectiveAt)}</small>
      </button>
    </li>
  );
}

/** What the answer was, sheet by sheet where it was no. */
function Answer({ answer, items }: { answer: FormsSigned; items: readonly FormToSign[] }) {
  const t = useText();
  return (
    <div className="card signanswer" role="status">
      <p><b>{t("queueDone", { n: answer.signed.length })}</b>{answer.failed.length > 0 && ` ${t("queuePartly", { n: answer.failed.length })}`}</p>
      <ul>
        {answer.failed.map(({ id, detail }) => {
          const item = items.find((one) => one.entry.id === id);
          return <li key={id}><b>{item?.entry.title} · {item?.patientName}</b> <span className="tag bad">{detail}</span> {item && <Link href={`/chart/${item.entry.encounterId}/forms/${id}`}>{t("queueOpen")}</Link>}</li>;
        })}
      </ul>
    </div>
  );
}

export function SigningPage() {
  const t = useText();
  const cache = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string | null>(null);
  const [signing, setSigning] = useState<readonly FormToSign[] | null>(null);
  const [answer, setAnswer] = useState<{ answer: FormsSigned; items: readonly FormToSign[] } | null>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.formsToSign, queryFn: ({ signal }) => get<FormToSign[]>("/me/forms-to-sign", signal) });
  const items = found.data ?? [];
  const picked = items.filter((item) => chosen.has(keyOf(item)));
  const shown = items.find((item) => keyOf(item) === at) ?? items[0];
  const all = items.length > 0 && picked.length === items.length;
  const toggle = (item: FormToSign) => setChosen((was) => new Set(was.has(keyOf(item)) ? [...was].filter((one) => one !== keyOf(item)) : [...was, keyOf(item)]));
  const start = () => (picked.length === 0 ? setSaid(t("queuePick")) : (setSaid(""), setSigning(picked)));
  useHotkey("F9", start, items.length > 0);

  const sign = async (pin: string) => {
    if (!signing) return;
    const sheets = signing.map(({ entry, slot }) => ({ id: entry.id, version: entry.version, slot }));
    const signed = await send<FormsSigned>("POST", "/filled-forms/sign", { sheets, pin });
    setAnswer({ answer: signed, items: signing });
    setSigning(null);
    setChosen(new Set());
    void cache.invalidateQueries({ queryKey: keys.formsToSign });
    for (const { entry } of signing) void cache.invalidateQueries({ queryKey: keys.encounter(entry.encounterId) });
  };
  const preview = (item: FormToSign) => item.entry.pdfUrl ?? `${BASE}/filled-forms/${item.entry.id}/preview?version=${item.entry.version}`;
  return (
    <>
      <div className="bar">
        <h1>{t("queueTitle")}</h1>
        {items.length > 0 && <span className="muted">{t("queueCount", { n: items.length, chosen: picked.length })}</span>}
        <span role="status">{said}</span>
        <span className="grow" />
        {items.length > 0 && (
          <>
            <span className="muted">{t("queueKeys")}</span>
            <button type="button" className="btn" onClick={() => setChosen(all ? new Set() : new Set(items.map(keyOf)))}>{t(all ? "queueNone" : "queueAll")}</button>
            <button type="button" className="btn p" aria-disabled={picked.length === 0} onClick={start}>{t("queueSign", { n: picked.length })} <kbd>F9</kbd></button>
          </>
        )}
      </div>
      {answer && <Answer {...answer} />}
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("queueFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && items.length === 0 && <Empty title={t("queueEmpty")} />}
      {shown && (
        <div className="split signing">
          {/* The arrows walk controls that Tab reaches as well. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <ul className="card queuelist" onKeyDown={walk} aria-label={t("queueTitle")}>
            {items.map((item) => <Item key={keyOf(item)} item={item} chosen={chosen.has(keyOf(item))} shown={item === shown} choose={() => toggle(item)} show={() => setAt(keyOf(item))} />)}
          </ul>
          <section className="card signsheet" aria-label={shown.entry.title}>
            <header className="sheethead">
              <div><h2>{shown.entry.number && <span className="formnumber">{shown.entry.number}</span>} {shown.entry.title}</h2><p className="muted">{shown.patientName} · {shown.patientCode} · {shown.bed ? t("place", { ward: shown.ward, bed: shown.bed }) : shown.ward} · {t("queueSlot", { slot: shown.slotLabel })}</p></div>
              <span className="grow" />
              <Link className="btn" href={`/chart/${shown.entry.encounterId}/forms/${shown.entry.id}`}>{t("queueOpen")}</Link>
            </header>
            <PdfView key={keyOf(shown)} url={preview(shown)} title={shown.entry.title} draft={shown.entry.pdfUrl === null} />
          </section>
        </div>
      )}
      {signing && (
        <PinDialog title={t("queueSign", { n: signing.length })} action={t("queueSign", { n: signing.length })} sign={sign} onClose={() => setSigning(null)} wide>
          <p>{t("queueLead", { n: signing.length, patients: new Set(signing.map((one) => one.patientCode)).size })}</p>
          {/* A long list scrolls, so it must take the keyboard's focus. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <div className="signwhat" tabIndex={0} role="region" aria-label={t("queueTitle")}>
            <ul>{signing.map((one) => <li key={keyOf(one)}><b>{one.entry.title}</b> · {one.patientName} · {t("version", { n: one.entry.version })} · {t("queueSlot", { slot: one.slotLabel })}</li>)}</ul>
          </div>
        </PinDialog>
      )}
    </>
  );
}
