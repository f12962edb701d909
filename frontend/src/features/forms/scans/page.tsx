// Scans of sheets that were signed with ink: those that found their sheet, those that nobody has placed, those set aside.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { get, keys, type PaperScan, type PaperScans, type PrintedSheet } from "@/api";
import { fullDateTime } from "@/lib/time";
import "@/ui/forms.css";
import "@/ui/page.css";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Empty, Failure, Loading } from "@/ui/status";
import { Drop } from "./drop";
import { Pictures } from "./pictures";
import "./scans.css";
import { useText } from "./text";
import { WhichSheet } from "./which-sheet";
import { Witness } from "./witness";

const LISTS = ["ready", "unmatched", "aside"] as const;
type List = (typeof LISTS)[number];
const NONE = { ready: "noneReady", unmatched: "noneUnmatched", aside: "noneAside" } as const;
const of = (list: List, found: PaperScans) => (list === "aside" ? found.aside : found.waiting.filter((scan) => (scan.why === null) === (list === "ready")));

function Facts({ sheet }: { sheet: PrintedSheet }) {
  const t = useText();
  return (
    <dl className="facts">
      <div><dt>{t("patient")}</dt><dd>{sheet.patientName} · {sheet.patientCode}</dd></div>
      <div><dt>{t("sheet")}</dt><dd><Link href={`/chart/${sheet.encounterId}/forms/${sheet.documentId}`}>{sheet.title}</Link></dd></div>
      <div><dt>{t("slot")}</dt><dd>{sheet.slotLabel}</dd></div>
      <div><dt>{t("stay")}</dt><dd>{sheet.stayNumber} · {sheet.ward.name}</dd></div>
      <div><dt>{t("printed")}</dt><dd>{fullDateTime(sheet.printedAt)}, {sheet.printedBy.name}</dd></div>
    </dl>
  );
}

interface OneProps { scan: PaperScan; said: (words: string) => void }
function One({ scan, said }: OneProps) {
  const t = useText();
  const cache = useQueryClient();
  const [linking, setLinking] = useState<{ sheet: PrintedSheet; code: string | null } | null>(null);
  const [sorting, setSorting] = useState(false);
  const aside = scan.state === "aside";
  const changed = (words: string) => {
    setLinking(null);
    setSorting(false);
    void cache.invalidateQueries({ queryKey: keys.paperScans });
    said(words);
  };
  return (
    <section className="card pane" aria-label={scan.sheet?.patientName ?? t("noSheet")}>
      <div className="row wrap">
        {scan.whyText && !aside && <span className="tag warn">{scan.whyText}</span>}
        {scan.elsewhere && <span className="tag">{t("elsewhere")}</span>}
        {scan.missingPages.length > 0 && <span className="tag warn">{t("missingPages", { pages: scan.missingPages.join(", ") })}</span>}
        <span className="grow" />
        {scan.maySort && <button type="button" className="btn" onClick={() => setSorting(true)}>{t(aside ? "bringBack" : "setAside")}</button>}
        {!aside && scan.why === null && scan.sheet?.mayWitness && <button type="button" className="btn p" onClick={() => scan.sheet && setLinking({ sheet: scan.sheet, code: null })}>{t("lookAndConfirm")}</button>}
      </div>
      {!aside && scan.why === null && scan.sheet && !scan.sheet.mayWitness && <p className="muted">{t("notWitness")}</p>}
      {scan.events.map((event) => <p key={event.at} className="muted">{t(event.kind === "set-aside" ? "setAside" : "bringBack")}: {t("event", { name: event.by.name, time: fullDateTime(event.at), reason: event.reason })}</p>)}
      {scan.sheet && <Facts sheet={scan.sheet} />}
      <div className={scan.mayBeLinked && !aside ? "scanbeside" : undefined}>
        <Pictures scan={scan} />
        {scan.mayBeLinked && !aside && <WhichSheet scan={scan} choose={(sheet, code) => setLinking({ sheet, code })} />}
      </div>
      {linking && <Witness scan={scan} {...linking} onClose={() => setLinking(null)} onLinked={(sheet) => changed(t("saidLinked", { name: sheet.patientName }))} />}
      {sorting && (
        <ReasonDialog
          title={t(aside ? "bringBackTitle" : "setAsideTitle")} lead={aside ? undefined : t("setAsideLead")} label={t("why")} action={t(aside ? "bringBack" : "setAside")} name="reason" missing={t("needReason")} gentle
          path={`/paper-scans/${scan.id}/${aside ? "bring-back" : "set-aside"}`} onClose={() => setSorting(false)} onDone={() => changed(t(aside ? "saidBack" : "saidAside"))}
        />
      )}
    </section>
  );
}

export function ScansPage() {
  const t = useText();
  const [picked, setPicked] = useState<List | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  // Each look is on the trail: it is asked for anew only after somebody did something.
  const found = useQuery({ queryKey: keys.paperScans, queryFn: ({ signal }) => get<PaperScans>("/paper-scans", signal), refetchOnWindowFocus: false });
  const list = picked ?? (found.data && of("ready", found.data).length === 0 && of("unmatched", found.data).length > 0 ? "unmatched" : "ready");
  const items = found.data ? of(list, found.data) : [];
  const item = items.find((scan) => scan.id === chosen) ?? items[0];
  return (
    <>
      <div className="bar">
        <h1>{t("title")}</h1>
        {LISTS.map((one) => <button key={one} type="button" className="chip" aria-pressed={list === one} onClick={() => setPicked(one)}>{t(one)}{found.data && ` (${of(one, found.data).length})`}</button>)}
        <span className="muted" role="status">{said}</span>
      </div>
      <p className="muted scanlead">{t("lead")}</p>
      <Drop />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.isSuccess && !item && <Empty title={t(NONE[list])}>{list === "ready" && <p>{t("noneHint")}</p>}</Empty>}
      {item && (
        <div className="split scansplit">
          <section className="card" aria-label={t(list)}>
            <ul className="picklist">
              {items.map((scan) => (
                <li key={scan.id}>
                  <button type="button" aria-current={scan.id === item.id || undefined} onClick={() => setChosen(scan.id)}>
                    <b>{scan.sheet?.patientName ?? t(scan.elsewhere ? "elsewhere" : "noSheet")}</b>{scan.ward && <span className="tag">{scan.ward.name}</span>}
                    {scan.sheet && <small>{scan.sheet.title} · {scan.sheet.slotLabel}</small>}
                    {scan.whyText && <small>{scan.whyText}</small>}
                    <small>{t("handedIn", { name: scan.handedInBy.name, time: fullDateTime(scan.handedInAt) })}</small>
                  </button>
                </li>
              ))}
            </ul>
          </section>
          <One key={item.id} scan={item} said={setSaid} />
        </div>
      )}
    </>
  );
}
