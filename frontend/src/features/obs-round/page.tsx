// Vitals round: the ward in walking order, a row a patient. Typed, saved row by row, signed once.
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { flushSync } from "react-dom";
import { useQueryClient } from "@tanstack/react-query";
import { get, keys, type Round, type RoundRow, type UnsignedSet } from "@/api";
import { useCommon } from "@/i18n";
import { now, useAtTime } from "@/lib/clock";
import { useHotkey } from "@/lib/hotkey";
import { useRanges } from "@/lib/ranges";
import { useDrafts } from "@/lib/session";
import { clockTime, parseClock } from "@/lib/time";
import { useWard } from "@/lib/ward";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/forms.css";
import { COLUMNS, MORE_COLUMNS } from "@/lib/vital-cell";
import { Grid, focusedRow, focusNextRow } from "./grid";
import { useRound, useSaved } from "./queries";
import { RejectDialog } from "./reject-dialog";
import { currentOf, signedOf } from "./row";
import { SignDialog } from "./sign-dialog";
import { RoundStore } from "./store";
import { useText } from "./text";
import "./round.css";

type Filter = "whole" | "overdue" | "withDevice";
const passes = (filter: Filter, row: RoundRow, at: number) =>
  filter === "whole" || (filter === "overdue" ? row.dueAt !== null && Date.parse(row.dueAt) < at && !currentOf(row, at) : row.proposed !== null);

function MeasuredAt({ store }: { store: RoundStore }) {
  const t = useText();
  const [text, setText] = useState("");
  const at = text.trim() === "" ? null : parseClock(text, now());
  useEffect(() => {
    store.measuredAt = at;
  }, [store, at]);
  const wrong = text.trim() !== "" && at === null;
  return (
    <label className="measured">
      {t("measuredAt")}
      <input type="text" inputMode="numeric" size={8} placeholder={t("measuredNow")} value={text} aria-invalid={wrong} title={wrong ? t("measuredWrong") : undefined} onChange={(event) => setText(event.target.value)} />
    </label>
  );
}

export function RoundPage() {
  const t = useText();
  const common = useCommon();
  const ward = useWard();
  const cache = useQueryClient();
  const drafts = useDrafts();
  const round = useRound(ward.id);
  const { ranges, isPending: rangesPending, error: rangesError, refetch } = useRanges();
  const saved = useSaved(ward.id);
  const [filter, setFilter] = useState<Filter>("whole");
  const [more, setMore] = useState(false);
  const [signing, setSigning] = useState<{ rows: readonly RoundRow[]; elsewhere: readonly UnsignedSet[] } | null>(null);
  const [rejecting, setRejecting] = useState<RoundRow | null>(null);
  const [notice, setNotice] = useState("");
  const table = useRef<HTMLTableElement>(null);

  const typoReason = t("typoReason");
  const store = useMemo(() => new RoundStore(drafts, { saved, typoReason }), [drafts, saved, typoReason]);
  const rows = round.data?.rows;
  useEffect(() => {
    store.ranges = ranges;
    if (rows) store.know(rows);
  }, [store, ranges, rows]);
  useEffect(() => {
    const retry = () => void store.retryOffline();
    addEventListener("online", retry);
    // A row in the middle of being typed is not saved when the screen goes (a lock, say): it waits as a draft.
    return () => removeEventListener("online", retry);
  }, [store]);
  const kept = useSyncExternalStore(store.subscribe, () => (store.lastKept === null ? "" : clockTime(store.lastKept)));
  useAtTime(useCallback((at: number) => Math.floor(at / 30_000), []));

  const sign = useCallback(async () => {
    (document.activeElement as HTMLElement | null)?.blur();
    await store.flush();
    // Without an answer the round is signed all the same: the others wait.
    const mine = await get<UnsignedSet[]>("/vitals/unsigned").catch(() => []);
    // What has just been saved is in the cache a moment before it is on the screen.
    const here = cache.getQueryData<Round>(keys.round(ward.id))?.rows ?? [];
    const known = new Set(here.flatMap((row) => row.unsigned.map((set) => set.id)));
    // What was corrected on the chart is known here only when the round is read again.
    const newest = new Map(mine.map(({ set }) => [set.id, set]));
    const rows = here.map((row) => ({ ...row, unsigned: row.unsigned.map((set) => newest.get(set.id) ?? set) }));
    setSigning({ rows, elsewhere: mine.filter(({ set }) => !known.has(set.id)) });
  }, [store, cache, ward.id]);
  const acceptRow = useCallback(async () => {
    const row = rows?.find((one) => one.encounterId === focusedRow(table.current));
    if (!row?.proposed) return setNotice(t("noDevice"));
    const { encounterId } = row;
    // Accepted first: leaving the row would otherwise save what was typed as a set of its own.
    const accepted = store.accept(row);
    if (!accepted) return setNotice(t("acceptBlocked"));
    focusNextRow(table.current);
    await accepted;
    if (store.get(encounterId).phase !== "failed") setNotice(t("accepted", { bed: row.bed }));
  }, [rows, store, t]);
  useHotkey("F8", () => void acceptRow());
  useHotkey("F7", () => {
    const row = rows?.find((one) => one.encounterId === focusedRow(table.current));
    if (row?.proposed) flushSync(() => setRejecting(row));
    else setNotice(t("noDevice"));
  });
  useHotkey("F9", () => void sign());

  if (round.isPending || rangesPending) return <Loading />;
  if (round.isError || rangesError) return <Failure title={t("loadFailed")} error={round.error ?? rangesError} retry={() => { void round.refetch(); void refetch(); }} />;
  const at = now();
  const all = round.data.rows;
  const visible = all.filter((row) => passes(filter, row, at));
  const done = all.filter((row) => currentOf(row, at) ?? signedOf(row, at)).length;
  const count: Record<Filter, number> = { whole: all.length, overdue: all.filter((row) => passes("overdue", row, at)).length, withDevice: all.filter((row) => row.proposed).length };
  return (
    <div className="round">
      <div className="bar">
        <h1>{t("title")}</h1>
        <div className="row" role="group" aria-label={t("filters")}>
          {(["whole", "overdue", "withDevice"] as const).map((one) => (
            <button key={one} type="button" className="chip" aria-pressed={filter === one} onClick={() => setFilter(one)}>{t(one)}<b>{count[one]}</b></button>
          ))}
        </div>
        <span className="muted">{t("progress", { done, all: all.length })}</span>
        <span className="grow" />
        <label className="choice"><input type="checkbox" checked={more} onChange={(event) => setMore(event.target.checked)} />{t("moreColumns")}</label>
        <MeasuredAt store={store} />
        <button type="button" className="btn" onClick={() => void acceptRow()} onPointerDown={(event) => event.preventDefault()}>{t("acceptDevice")} <kbd>F8</kbd></button>
        <button type="button" className="btn p" onClick={() => void sign()}>{t("signRound")} <kbd>F9</kbd></button>
      </div>
      {visible.length === 0 ? <Empty title={t(all.length === 0 ? "none" : "noneFiltered")} /> : (
        <Grid ref={table} rows={visible} columns={more ? [...COLUMNS, ...MORE_COLUMNS] : COLUMNS} store={store} ranges={ranges} words={{ air: common("air"), onOxygen: common("onOxygen") }} />
      )}
      <div className="foot">
        <span><kbd>Enter</kbd> {t("keyNext")}</span>
        <span><kbd>↑</kbd> <kbd>↓</kbd> {t("keyRow")}</span>
        <span><kbd>Esc</kbd> {t("keyUndo")}</span>
        <span><kbd>F7</kbd> {t("keyReject")}</span>
        <span>{t("codes")}</span>
        <span className="grow" />
        <span role="status">{notice}</span>
        {kept && <span>{t("draftsKept", { time: kept })}</span>}
      </div>
      {signing && <SignDialog {...signing} drafts={store.draftedRows()} ward={ward} onClose={() => setSigning(null)} />}
      {rejecting && <RejectDialog row={rejecting} onClose={() => { store.forget(rejecting.encounterId); setRejecting(null); }} />}
    </div>
  );
}
