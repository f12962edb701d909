// «Thêm phiếu»: a form found by name or number without accents, then opened. Two Enters: one chooses, one opens, so
// that a slip of the hand leaves nothing in the record.
import { useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState, type FormEvent, type KeyboardEvent } from "react";
import { ApiError, keys, newKey, send, type FilledForm, type FormEntry, type FormRef } from "@/api";
import { useCommon } from "@/i18n";
import { now, nowIso } from "@/lib/clock";
import { composing } from "@/lib/hotkey";
import { parseDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { choiceOf, whyNot, type Group } from "./model";
import { useText } from "./text";

const NAMES = { record: "groupRecord", sheet: "groupSheet", leaves: "groupLeaves", drawn: "groupDrawn" } as const satisfies Record<Group, string>;

interface Props { encounterId: string; forms: readonly FormRef[]; entries: readonly FormEntry[]; onClose: () => void; onOpen: (id: string, edit: boolean) => void }
export function Picker({ encounterId, forms, entries, onClose, onOpen }: Props) {
  const t = useText();
  const common = useCommon();
  const cache = useQueryClient();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // A retry after a lost answer opens the same sheet; another form is another sheet.
  const [key, setKey] = useState(newKey);
  const choose = (next: string | null) => {
    setCode(next);
    setKey(newKey());
  };
  const groups = choiceOf(forms, text);
  const shown = groups.flatMap((group) => group.forms);
  const open = shown.filter((form) => whyNot(form) === null);
  // What is typed chooses the first form that can be opened, until the arrows choose another.
  const active = open.find((form) => form.code === code) ?? (text.trim() ? open[0] : undefined);
  const standingOf = (form: FormRef) => (form.once ? entries.find((entry) => entry.formCode === form.code && entry.state !== "withdrawn") : undefined);
  const standing = active && standingOf(active);

  const press = (event: KeyboardEvent) => {
    if (composing(event)) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && open.length > 0) {
      event.preventDefault();
      const next = open[(open.findIndex((form) => form.code === active?.code) + step + open.length) % open.length] ?? open[0];
      choose(next?.code ?? null);
      document.getElementById(`${id}-${next?.code}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") {
      event.preventDefault();
      if (active) button.current?.focus();
    }
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (!active) return setError(new Error(t("chooseFirst")));
    if (standing) return onOpen(standing.id, false);
    const effectiveAt = at.trim() === "" ? nowIso() : parseDateTime(at, now());
    if (!effectiveAt) return setError(new Error(t("atWrong")));
    setBusy(true);
    setError(null);
    try {
      const filled = await send<FilledForm>("POST", `/encounters/${encounterId}/forms`, { formCode: active.code, effectiveAt }, { idempotencyKey: key });
      cache.setQueryData(keys.filled(encounterId, filled.entry.id), filled);
      await cache.invalidateQueries({ queryKey: keys.chart(encounterId, "forms"), exact: true });
      onOpen(filled.entry.id, true);
    } catch (refused) {
      setError(refused);
      // Somebody else opened it meanwhile: the list says which.
      if (refused instanceof ApiError && refused.code === "already-open") void cache.invalidateQueries({ queryKey: keys.chart(encounterId, "forms"), exact: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog title={t("pickTitle")} onClose={onClose} wide>
      <form className="stack picker" onSubmit={(event) => void submit(event)} noValidate>
        <label className="field">
          <span>{t("pickSearch")}</span>
          <input
            // eslint-disable-next-line jsx-a11y/no-autofocus -- the dialog exists to search here
            autoFocus type="text" name="form-search" role="combobox" aria-expanded="true" aria-controls={id} aria-autocomplete="list" aria-activedescendant={active ? `${id}-${active.code}` : undefined}
            autoComplete="off" spellCheck={false} value={text} onChange={(event) => { setText(event.target.value); choose(null); }} onKeyDown={press}
          />
        </label>
        <div className="pickhits" id={id} role="listbox" aria-label={t("pickTitle")} tabIndex={-1}>
          {groups.map(({ group, forms: listed }) => (
            <div key={group} role="group" aria-label={t(NAMES[group])}>
              <h3 aria-hidden="true">{t(NAMES[group])} <span>{listed.length}</span></h3>
              {listed.map((form) => {
                const why = whyNot(form);
                return (
                  // Chosen by the keyboard through the combobox above.
                  // eslint-disable-next-line jsx-a11y/click-events-have-key-events
                  <div key={form.code || form.number} id={`${id}-${form.code || form.number}`} role="option" tabIndex={-1} aria-selected={form.code === active?.code} aria-disabled={why !== null} title={why ? t(`${why}Hint`) : form.legalAct}
                    onPointerDown={(event) => event.preventDefault()} onClick={() => why === null && choose(form.code)} onDoubleClick={(event) => why === null && event.currentTarget.closest("form")?.requestSubmit()}>
                    <span className="formnumber">{form.number}</span>
                    <span>{form.title}</span>
                    {why !== null && <span className="tag">{t(why)}</span>}
                    {why === null && standingOf(form) && <span className="tag new">{t("standing")}</span>}
                  </div>
                );
              })}
            </div>
          ))}
          {shown.length === 0 && <p className="muted">{t("pickNone")}</p>}
        </div>
        <div className="pickend">
          <p role="status">{active ? <>{t("chosen")}: <b>{active.title}</b></> : <span className="muted">{t("chooseFirst")} {t("pickHint")}.</span>}</p>
          {!standing && <label className="field"><span>{t("at")}</span><input type="text" name="at" autoComplete="off" value={at} aria-describedby={`${id}-at`} onChange={(event) => setAt(event.target.value)} /><small id={`${id}-at`}>{t("atHint")}</small></label>}
        </div>
        <Refusal error={error} />
        <div className="actions">
          <button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>
          <button ref={button} type="submit" className="btn p" aria-disabled={busy || !active}>{t(busy ? "opening" : standing ? "openStanding" : "open")}</button>
        </div>
      </form>
    </Dialog>
  );
}
