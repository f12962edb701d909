// A form as its definition asks for it: sections with an outline, what is missing beside, saved and signed from here.
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Link, useLocation } from "wouter";
import type { FilledForm, FormField, FormSlot } from "@/api";
import { now } from "@/lib/clock";
import { composing, useHotkey } from "@/lib/hotkey";
import { clockTime } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { Refusal } from "@/ui/status";
import "@/ui/forms.css";
import "./editor.css";
import { EditorSide } from "./editor-side";
import { FieldView } from "./field-view";
import { LeaveGuard } from "./leave-guard";
import { onTop } from "./merge";
import { isSigned, mySlot } from "./model";
import { Outline, stopsOf } from "./outline";
import { gaps, withCalculated } from "./rules";
import { SignDialog } from "./sign-dialog";
import { StaleDialog } from "./stale-dialog";
import { StateMark } from "./state-mark";
import { sentenceOf, useText } from "./text";
import { isBlank, readForm, same, typedForm, type TypedForm } from "./typed";
import { useEditing } from "./use-editing";

const TYPED_INTO = "input:not([type=hidden]), textarea, select, button";
/** The field at a place, brought to the middle and given the focus. */
function focusOn(place: string) {
  const found = document.querySelector<HTMLElement>(`[data-place="${CSS.escape(place)}"]`) ?? document.querySelector<HTMLElement>(`[data-place="${CSS.escape(place.split("/")[0] ?? "")}"]`);
  found?.scrollIntoView({ block: "center" });
  found?.querySelector<HTMLElement>(TYPED_INTO)?.focus({ preventScroll: true });
}
/** Enter goes to the next field, as on the round; a text of many lines and a button keep it. */
function enterMovesOn(event: KeyboardEvent<HTMLElement>) {
  const target = event.target as HTMLElement;
  if (event.key !== "Enter" || event.defaultPrevented || composing(event) || event.altKey || event.ctrlKey || !/^(INPUT|SELECT)$/.test(target.tagName)) return;
  event.preventDefault();
  const group = target.getAttribute("type") === "radio" ? target.getAttribute("name") : null;
  const all = [...event.currentTarget.querySelectorAll<HTMLInputElement>("input, textarea, select")].filter((one) => one === target || group === null || one.name !== group);
  all[all.indexOf(target as HTMLInputElement) + (event.shiftKey ? -1 : 1)]?.focus();
}

type Notice = { words: string; undo?: () => void } | null;
interface Props { encounterId: string; newest: FilledForm; reason: string | null; sheet: string }

export function Editor({ encounterId, newest, reason, sheet }: Props) {
  const t = useText();
  const [, go] = useLocation();
  const editing = useEditing(encounterId, newest, reason);
  const { base, baseTyped, typed, form, effective, refused, tried, conflict, dirty, set, save, put, meet } = editing;
  const [notice, setNotice] = useState<Notice>(() => (editing.restoredAt ? { words: t("restored", { time: clockTime(editing.restoredAt) }) } : null));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [signing, setSigning] = useState<{ filled: FilledForm; slot: FormSlot } | null>(null);
  const box = useRef<HTMLDivElement>(null);

  const read = useMemo(() => readForm(form, typed, now()), [form, typed]);
  const values = useMemo(() => withCalculated(form, read.values), [form, read]);
  const toSign = useMemo(() => gaps(form, values, "sign"), [form, values]);
  const atClose = useMemo(() => gaps(form, values, "close").filter((gap) => gap.needed === "close"), [form, values]);
  const stops = useMemo(() => stopsOf(form.sections, (section) => toSign.filter((gap) => section.fields.includes(gap.field)).length), [form, toSign]);
  const fromRecord = (field: FormField) => field.prefill !== undefined && base.entry.version === 1 && !isBlank(typed[field.name]) && same(typed[field.name], baseTyped[field.name]);
  const prefilled = form.sections.some((section) => section.fields.some(fromRecord));
  const needOf = (name: string) => (toSign.some((gap) => gap.place === name) ? "sign" : atClose.some((gap) => gap.place === name) ? "close" : null);
  /** Faults of one field and its cells; nothing for most, so that most are not drawn again. */
  const faultsOf = (name: string, all: Iterable<readonly [string, string]>) => {
    const found = [...all].filter(([place]) => place === name || place.startsWith(`${name}/`));
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };
  const own = [...read.told].map(([place, told]) => [place, sentenceOf(t, told)] as const);

  useEffect(() => {
    if (location.hash.length > 1) focusOn(decodeURIComponent(location.hash.slice(1)));
    else box.current?.querySelector<HTMLElement>("[data-section] :is(input, textarea, select)")?.focus({ preventScroll: true });
  }, []);

  const store = async (): Promise<FilledForm | null> => {
    if (busy) return null;
    setBusy(true);
    setError(null);
    const answer = await save();
    setBusy(false);
    if ("filled" in answer) {
      const { entry } = answer.filled;
      setNotice({ words: t("savedAt", { time: clockTime(entry.recordedAt), n: entry.version }) });
      return answer.filled;
    }
    if ("error" in answer) setError(answer.error);
    if ("wrong" in answer) {
      setNotice({ words: t("fixFirst", { n: answer.wrong.length }) });
      // Drawn first, so that the field says why it has the focus.
      setTimeout(() => focusOn(answer.wrong[0] ?? ""));
    }
    return null;
  };
  const sign = async () => {
    const filled = dirty ? await store() : base;
    if (!filled) return;
    const slot = mySlot(filled.entry);
    if (filled.missing.length > 0) {
      setNotice({ words: t("cannotSignYet", { n: filled.missing.length }) });
      return focusOn(filled.missing[0]?.place ?? "");
    }
    if (!slot) return setNotice({ words: t("notYours", { name: filled.entry.author.name }) });
    setSigning({ filled, slot });
  };
  const nextGap = () => {
    const here = document.activeElement?.closest("[data-place]")?.getAttribute("data-place");
    const after = toSign.findIndex((gap) => gap.place === here) + 1;
    const gap = toSign[after] ?? toSign[0] ?? atClose[0];
    if (gap) focusOn(gap.place);
  };
  const discard = () => {
    const [was, wasTime]: [TypedForm, string] = [typed, effective];
    put(baseTyped, editing.baseTime);
    setNotice({ words: t("discarded"), undo: () => (put(was, wasTime), setNotice(null)) });
  };
  const latest = useRef(store);
  useEffect(() => {
    latest.current = store;
  });
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      if (!document.querySelector("[role=dialog]")) void latest.current();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  useHotkey("F9", () => void sign());
  useHotkey("F8", nextGap);
  const jump = useCallback((section: string) => {
    const found = box.current?.querySelector<HTMLElement>(`[data-section="${section}"]`);
    found?.scrollIntoView({ block: "start" });
    (found?.classList.contains("part") ? found.nextElementSibling : found)?.querySelector<HTMLElement>(TYPED_INTO)?.focus({ preventScroll: true });
  }, []);

  const { entry } = base;
  const outlined = stops.length > 2;
  const newer = newest.entry.version > entry.version ? newest.entry : null;
  return (
    <section className={`card editor${outlined ? " outlined" : ""}`} aria-label={entry.title}>
      <header className="sheethead">
        <div>
          <h2>{entry.number && <span className="formnumber">{entry.number}</span>} {entry.title}</h2>
          <p className="row wrap">
            <StateMark state={entry.state} />
            <span className="muted">{t("version", { n: entry.version })}</span>
            <span className={dirty ? "tag warn" : "tag"} title={dirty ? t("notSavedHint") : undefined}>{t(dirty ? "notSaved" : "allSaved")}</span>
            <span role="status" className="editnotice">{busy ? t("saving") : notice?.words}</span>
            {notice?.undo && <button type="button" className="btn quiet small" onClick={notice.undo}>{t("undo")}</button>}
          </p>
        </div>
        <span className="grow" />
        <div className="actions">
          {dirty && <button type="button" className="btn quiet" onClick={discard}>{t("discard")}</button>}
          <Link className="btn" href={sheet}>{t("leaveEditor")}</Link>
          <button type="button" className={dirty ? "btn p" : "btn"} aria-disabled={busy || !dirty} onClick={() => dirty && void store()}>{t("saveDraft")} <kbd>Ctrl+S</kbd></button>
          <button type="button" className={dirty ? "btn" : "btn p"} aria-disabled={busy} onClick={() => void sign()}><Icon name="pen" size={15} /> {t(dirty ? "saveAndSign" : "sign")} <kbd>F9</kbd></button>
        </div>
      </header>
      {reason !== null && isSigned(entry) && <p className="sheetnote" role="note">{t("amending", { why: reason })}</p>}
      {!newest.mayEdit && <p className="sheetnote bad" role="alert">{t("readOnlyKept")}</p>}
      {newer && !conflict && (
        <p className="sheetnote" role="alert">
          {t("newer", { name: newer.author.name, n: newer.version, time: clockTime(newer.recordedAt) })} <button type="button" className="btn small" onClick={() => void meet().catch(setError)}>{t("compare")}</button>
        </p>
      )}
      {outlined && <Outline stops={stops} box={box} jump={jump} />}
      {/* The keys walk the fields inside; Enter is heard here once for all of them. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className="formbody" ref={box} onKeyDown={enterMovesOn}>
        <Refusal error={error} />
        {form.sections.map((section) => (
          <section key={section.name} data-section={section.name} data-stop={stops.some((stop) => stop.name === section.name) || undefined} className={section.fields.length === 0 ? "part" : undefined} aria-label={section.label || undefined}>
            {section.label && <h3>{section.label}</h3>}
            {section.hint && <p className="muted">{section.hint}</p>}
            {section.text && <p className="formwords">{section.text}</p>}
            <div className="formfields">
              {section.fields.map((field) => (
                <FieldView
                  key={field.name} field={field} typed={typed[field.name]} set={set} answer={field.calculation && typeof values[field.name] === "number" ? (values[field.name] as number) : null}
                  faults={faultsOf(field.name, own)} refused={faultsOf(field.name, refused)} tried={tried} need={needOf(field.name)}
                  prefilled={fromRecord(field)}
                />
              ))}
            </div>
          </section>
        ))}
      </div>
      <EditorSide definition={form} effective={effective} setTime={editing.setTime} timeWrong={editing.timeWrong} prefilled={prefilled} toSign={toSign} atClose={atClose} expanded={base.expanded} jump={focusOn} />
      {dirty && !signing && !conflict && <LeaveGuard save={async () => (await store()) !== null} />}
      {signing && <SignDialog encounterId={encounterId} filled={signing.filled} slot={signing.slot} onClose={() => setSigning(null)} onSigned={() => go(sheet)} />}
      {conflict && (
        <StaleDialog
          conflict={conflict} onClose={() => (conflict.theirs === base ? go(sheet) : put(typed, effective))}
          onGoOn={(chosen) => put(onTop(typedForm(conflict.theirs.definition, conflict.theirs.values), chosen), editing.timeOver(conflict.theirs), conflict.theirs)}
        />
      )}
    </section>
  );
}
