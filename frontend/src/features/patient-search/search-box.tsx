// The box in the top bar: hits appear as one types, arrows choose, Enter opens. What is typed never enters the address.
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { useLocation } from "wouter";
import type { PatientHit } from "@/api";
import { useCommon } from "@/i18n";
import { composing, useHotkey } from "@/lib/hotkey";
import { birthDate } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { detailOf } from "@/ui/status";
import { placeOf, useHits } from "./hits";
import "./search.css";
import { useText } from "./text";

export function SearchBox() {
  const t = useText();
  const common = useCommon();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const found = useHits(text, 8);
  const hits = found.data ?? [];
  const showing = open && text.trim().length >= 2;

  useEffect(() => input.current?.focus(), []);
  useHotkey("/", () => input.current?.select());

  const choose = (hit: PatientHit | undefined) => {
    if (!hit) return;
    setOpen(false);
    setText("");
    input.current?.blur();
    go(placeOf(hit));
  };
  const press = (event: KeyboardEvent) => {
    if (composing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setAt((was) => (hits.length === 0 ? 0 : (was + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length));
    }
    // Enter opens what the list shows, never a hit of an older text.
    if (event.key === "Enter" && found.q === text.trim().normalize("NFC") && !found.isPlaceholderData) choose(hits[at]);
    if (event.key === "Escape") {
      setOpen(false);
      setText("");
    }
  };
  return (
    <div className="finder" role="search">
      <div className="search">
        <Icon name="search" size={16} />
        <input
          ref={input} role="combobox" aria-label={t("search")} aria-expanded={showing} aria-controls={id} aria-autocomplete="list"
          aria-activedescendant={showing && hits[at] ? `${id}-${at}` : undefined} placeholder={t("search")} autoComplete="off" spellCheck={false} value={text}
          onChange={(event) => { setText(event.target.value); setAt(0); setOpen(true); }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={press}
        />
        <kbd>/</kbd>
      </div>
      {showing && (
        <div className="hits">
          <div id={id} role="listbox" aria-label={t("patients")}>
            {hits.map((hit, i) => (
              // Chosen by the keyboard through the combobox above.
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events
              <div key={hit.id} id={`${id}-${i}`} role="option" tabIndex={-1} aria-selected={i === at} onPointerMove={() => setAt(i)} onPointerDown={(event) => event.preventDefault()} onClick={() => choose(hit)}>
                <b>{hit.name}</b> {hit.sameName && <span className="tag late">{common("sameName")}</span>}
                <span className="muted">{common(hit.sex)} · {birthDate(hit.birthDate)} · {hit.ageText}</span>
                <small>{hit.code} · {hit.ward ? `${hit.ward}${hit.bed ? `, ${hit.bed}` : ""}` : hit.address}</small>
              </div>
            ))}
          </div>
          {found.isError && <p role="alert">{t("searchFail")}. {detailOf(found.error)}</p>}
          {!found.isError && hits.length === 0 && <p role="status">{found.isFetching || found.q !== text.trim() ? t("searching") : t("noHits")}</p>}
        </div>
      )}
    </div>
  );
}
