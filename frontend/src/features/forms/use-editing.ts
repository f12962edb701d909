// What is typed into one sheet, over which version, and its way to the server. Words are kept at every key.
import { useCallback, useEffect, useMemo, useReducer, useRef } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { ApiError, get, keys, newKey, send, type Fault, type FilledForm } from "@/api";
import { now } from "@/lib/clock";
import { useTabDrafts } from "@/lib/session";
import { fullDateTime, parseDateTime } from "@/lib/time";
import { dropWords, keepWords, keptWords, type Kept } from "./keep";
import { differences, type Difference } from "./merge";
import { isSigned } from "./model";
import { fieldsOf, readForm, same, typedForm, withoutBlankRows, type Typed, type TypedForm } from "./typed";

/** My words and a newer version, until somebody has decided between them. */
export interface Conflict { theirs: FilledForm; items: Difference[] }
interface State {
  base: FilledForm; baseTyped: TypedForm; typed: TypedForm; effective: string;
  /** By place, as the server said it; a field that changes loses its own. */
  refused: ReadonlyMap<string, string>;
  /** Saving was tried: what cannot be read is shown everywhere. */
  tried: boolean; restoredAt: number | null; conflict: Conflict | null;
}
type Next = Typed | ((was: Typed | undefined) => Typed);
type Step =
  | { is: "type"; name: string; next: Next }
  | { is: "time"; effective: string }
  | { is: "try"; typed: TypedForm }
  | { is: "refuse"; faults: readonly Fault[] }
  | { is: "save"; filled: FilledForm; sent: TypedForm; sentTime: string }
  | { is: "meet"; conflict: Conflict }
  | { is: "put"; base?: FilledForm; typed: TypedForm; effective: string };

const timeOf = (filled: FilledForm) => fullDateTime(filled.entry.effectiveAt);

function start(filled: FilledForm, found: { version: number; kept: Kept } | null): State {
  const baseTyped = typedForm(filled.definition, filled.values);
  const fresh: State = { base: filled, baseTyped, typed: baseTyped, effective: timeOf(filled), refused: new Map(), tried: false, restoredAt: null, conflict: null };
  if (!found) return fresh;
  const mine = { ...baseTyped, ...found.kept.typed };
  if (found.version === filled.entry.version) return { ...fresh, typed: mine, effective: found.kept.effective, restoredAt: found.kept.at };
  // Typed over a version that is no longer the newest: which of two words stands is for the person to say.
  return { ...fresh, conflict: { theirs: filled, items: differences(filled.definition, {}, mine, baseTyped) } };
}

function reduce(state: State, step: Step): State {
  switch (step.is) {
    case "type": {
      const next = typeof step.next === "function" ? step.next(state.typed[step.name]) : step.next;
      const ours = (place: string) => place === step.name || place.startsWith(`${step.name}/`);
      const refused = [...state.refused.keys()].some(ours) ? new Map([...state.refused].filter(([place]) => !ours(place))) : state.refused;
      return { ...state, typed: { ...state.typed, [step.name]: next }, refused };
    }
    case "time":
      return { ...state, effective: step.effective };
    case "try":
      return { ...state, typed: step.typed, tried: true, refused: new Map() };
    case "refuse":
      return { ...state, refused: new Map(step.faults.map(({ place, sentence }) => [place, sentence])) };
    case "save": {
      const baseTyped = typedForm(step.filled.definition, step.filled.values);
      // What was typed while the answer was on its way stays.
      const later = Object.entries(state.typed).filter(([name, typed]) => typed !== step.sent[name]);
      const effective = state.effective === step.sentTime ? timeOf(step.filled) : state.effective;
      return { ...state, base: step.filled, baseTyped, typed: { ...baseTyped, ...Object.fromEntries(later) }, effective, tried: false, refused: new Map(), restoredAt: null };
    }
    case "meet":
      return { ...state, conflict: step.conflict };
    case "put": {
      const base = step.base ?? state.base;
      const baseTyped = step.base ? typedForm(base.definition, base.values) : state.baseTyped;
      return { ...state, base, baseTyped, typed: step.typed, effective: step.effective, conflict: null, restoredAt: null, refused: new Map(), tried: false };
    }
  }
}

export type Saved = { filled: FilledForm } | { wrong: readonly string[] } | { error: unknown } | { stale: true };

export function useEditing(encounterId: string, filled: FilledForm, reason: string | null) {
  const cache = useQueryClient();
  const drafts = useTabDrafts();
  const { id } = filled.entry;
  const [state, dispatch] = useReducer(reduce, null, () => start(filled, keptWords(drafts, id)));
  const { base, baseTyped, typed, effective, conflict } = state;
  const form = base.definition;
  const key = useRef(newKey());

  // A row that was added and left blank is no change.
  const changed = useMemo(() => Object.fromEntries(Object.entries(withoutBlankRows(form, typed)).filter(([name, one]) => !same(one, baseTyped[name]))), [form, typed, baseTyped]);
  const dirty = Object.keys(changed).length > 0 || effective !== timeOf(base);
  const undecided = conflict !== null;
  useEffect(() => {
    if (undecided) return;
    if (dirty) keepWords(drafts, id, base.entry.version, { typed: changed, effective, reason, at: now() });
    else dropWords(drafts, id);
  }, [drafts, id, base.entry.version, changed, effective, reason, dirty, undecided]);

  const set = useCallback((name: string, next: Next) => {
    // Other words are another version: a retry under the old key would be answered with the old one.
    key.current = newKey();
    dispatch({ is: "type", name, next });
  }, []);
  const setTime = useCallback((text: string) => {
    key.current = newKey();
    dispatch({ is: "time", effective: text });
  }, []);

  const meet = useCallback(async () => {
    const theirs = await get<FilledForm>(`/filled-forms/${id}`);
    const items = differences(form, baseTyped, typed, typedForm(theirs.definition, theirs.values));
    dispatch({ is: "meet", conflict: { theirs, items } });
  }, [id, form, baseTyped, typed]);

  async function save(): Promise<Saved> {
    const sent = withoutBlankRows(form, typed);
    dispatch({ is: "try", typed: sent });
    const read = readForm(form, sent, now());
    const effectiveAt = effective === timeOf(base) ? base.entry.effectiveAt : parseDateTime(effective, now());
    // What nobody touched goes back as it came: the screen shows an instant without its seconds.
    const untouched = fieldsOf(form).filter(({ name }) => same(sent[name], baseTyped[name]) && base.values[name] !== undefined && sent[name] !== undefined);
    const values = { ...read.values, ...Object.fromEntries(untouched.map(({ name }) => [name, base.values[name]])) };
    const wrong = [...read.told.keys()].filter((place) => !untouched.some(({ name }) => name === place));
    if (wrong.length > 0 || !effectiveAt) return { wrong: [...(effectiveAt ? [] : ["effective-at"]), ...wrong] };
    try {
      const body = { version: base.entry.version, values, ...(effectiveAt !== base.entry.effectiveAt && { effectiveAt }), ...(reason && isSigned(base.entry) && { reason }) };
      const answer = await send<FilledForm>("POST", `/filled-forms/${id}/save`, body, { idempotencyKey: key.current });
      key.current = newKey();
      dispatch({ is: "save", filled: answer, sent, sentTime: effective });
      dropWords(drafts, id);
      cache.setQueryData(keys.filled(encounterId, id), answer);
      void cache.invalidateQueries({ queryKey: keys.chart(encounterId, "forms"), exact: true });
      void cache.invalidateQueries({ queryKey: keys.formsToSign });
      return { filled: answer };
    } catch (error) {
      if (!(error instanceof ApiError)) return { error };
      if (error.code === "version-conflict") return await meet().then(() => ({ stale: true }) as const, (failed: unknown) => ({ error: failed }));
      const faults = Object.entries(error.problem.fields ?? {}).filter(([place]) => fieldsOf(form).some(({ name }) => name === place.split("/")[0])).map(([place, sentence]) => ({ place, sentence }));
      if (faults.length === 0) return { error };
      dispatch({ is: "refuse", faults });
      return { wrong: faults.map((fault) => fault.place) };
    }
  }
  const put = useCallback((typedNow: TypedForm, effectiveNow: string, on?: FilledForm) => dispatch({ is: "put", typed: typedNow, effective: effectiveNow, ...(on && { base: on }) }), []);
  const baseTime = timeOf(base);
  const timeWrong = effective !== baseTime && parseDateTime(effective, now()) === null;
  /** My time of the sheet if I changed it, else theirs. */
  const timeOver = (theirs: FilledForm) => (effective === baseTime ? timeOf(theirs) : effective);
  return { ...state, form, dirty, set, setTime, save, put, meet, baseTime, timeWrong, timeOver };
}
