// Colleagues, found as one types: arrows choose, Enter takes, and who was taken stands above as a chip to take away again.
// The list stays open under the box: in a dialog a list that opens would be cut off or push the buttons about.
import type { UseQueryResult } from "@tanstack/react-query";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import type { PersonRef } from "@/api";
import { useColleagueText } from "@/i18n/colleagues";
import { composing } from "@/lib/hotkey";
import "./colleague-picker.css";
import { offered, turned } from "./colleagues";
import { detailOf } from "./status";

interface Props {
  /** Whom the server offers here, in its order. */
  found: UseQueryResult<PersonRef[]>;
  label: string; hint?: string; chosen: readonly PersonRef[]; choose: (people: readonly PersonRef[]) => void;
  /** One colleague and no more: who is taken next takes the place of the one before. */
  one?: boolean;
}

export function ColleaguePicker({ found, label, hint, chosen, choose, one: alone = false }: Props) {
  const t = useColleagueText();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const [said, setSaid] = useState("");
  // Once the one is there, the list waits until somebody types again.
  const settled = alone && chosen.length > 0 && text.trim() === "";
  const people = settled ? [] : offered(found.data ?? [], chosen, text, (role) => t(`role-${role}`));
  const here = Math.min(at, people.length - 1);

  const take = (one: PersonRef | undefined) => {
    if (!one) return;
    choose(alone ? [one] : [...chosen, one]);
    setSaid(t("saidChosen", { name: one.name }));
    setText("");
    setAt(0);
  };
  const drop = (one: PersonRef) => {
    choose(chosen.filter(({ id: other }) => other !== one.id));
    input.current?.focus();
  };
  const walk = (to: number) => {
    setAt(to);
    list.current?.children[to]?.scrollIntoView({ block: "nearest" });
  };
  const press = (event: KeyboardEvent) => {
    if (composing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      walk(turned(here, event.key, people.length));
    }
    // Enter in the box takes a colleague; it must not send the form that the box stands in.
    if (event.key === "Enter") {
      event.preventDefault();
      take(people[here]);
    }
    // The first Esc empties the box, the next one is the dialog's.
    if (event.key === "Escape" && text !== "") {
      event.stopPropagation();
      setText("");
    }
  };
  return (
    <div className="field picker">
      <span id={`${id}-label`}>{label}</span>
      {chosen.length > 0 && (
        <ul className="row wrap" aria-label={t("chosen")}>
          {chosen.map((one) => <li key={one.id} className="tag new">{one.name} <button type="button" aria-label={t("drop", { name: one.name })} onClick={() => drop(one)}>×</button></li>)}
        </ul>
      )}
      <input
        ref={input} type="text" name="colleague" role="combobox" aria-labelledby={`${id}-label`} aria-describedby={hint ? `${id}-hint` : undefined} aria-expanded={people.length > 0} aria-controls={people.length > 0 ? `${id}-list` : undefined}
        aria-autocomplete="list" aria-activedescendant={people[here] ? `${id}-${here}` : undefined} placeholder={t("find")} autoComplete="off" spellCheck={false} value={text} onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={press}
      />
      {people.length > 0 && (
        <div className="options" id={`${id}-list`} ref={list} role="listbox" aria-label={t("colleagues")}>
          {people.map((one, i) => (
            // Chosen by the keyboard through the combobox above.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div key={one.id} id={`${id}-${i}`} role="option" tabIndex={-1} aria-selected={i === here} onPointerMove={() => setAt(i)} onPointerDown={(event) => event.preventDefault()} onClick={() => take(one)}>
              {one.name} <small>{t(`role-${one.role}`)}</small>
            </div>
          ))}
        </div>
      )}
      {found.isError && <p role="alert">{t("candidatesFailed")}. {detailOf(found.error)}</p>}
      {found.isSuccess && people.length === 0 && !settled && <p className="muted" role="status">{t(text.trim() ? "noMatch" : "noneLeft")}</p>}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
      <span className="sr" role="status">{said}</span>
    </div>
  );
}
