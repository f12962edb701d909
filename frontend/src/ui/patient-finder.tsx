// A box that finds a patient: hits appear as one types, arrows choose, Enter takes. What is typed never enters the address.
import { useId, useRef, useState, type KeyboardEvent, type RefObject } from "react";
import type { PatientHit } from "@/api";
import { dictionary, useCommon } from "@/i18n";
import en from "@/i18n/en/shell";
import vi from "@/i18n/vi/shell";
import { composing } from "@/lib/hotkey";
import { useHits } from "@/lib/patient-hits";
import { birthDate } from "@/lib/time";
import { Icon } from "./icons";
import { detailOf } from "./status";
import "./patient-finder.css";

const useText = dictionary(vi, en);

interface Props { choose: (hit: PatientHit) => void; label?: string; hotkey?: string; input?: RefObject<HTMLInputElement | null> }

export function PatientFinder({ choose: take, label, hotkey, input: outer }: Props) {
  const t = useText();
  const common = useCommon();
  const id = useId();
  const own = useRef<HTMLInputElement>(null);
  const input = outer ?? own;
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const found = useHits(text, 8);
  const hits = found.data ?? [];
  const showing = open && text.trim().length >= 2;

  const choose = (hit: PatientHit | undefined) => {
    if (!hit) return;
    setOpen(false);
    setText("");
    input.current?.blur();
    take(hit);
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
          ref={input} role="combobox" aria-label={label ?? t("search")} aria-expanded={showing} aria-controls={id} aria-autocomplete="list"
          aria-activedescendant={showing && hits[at] ? `${id}-${at}` : undefined} placeholder={label ?? t("search")} autoComplete="off" spellCheck={false} value={text}
          onChange={(event) => { setText(event.target.value); setAt(0); setOpen(true); }} onFocus={() => setOpen(true)} onBlur={() => setOpen(false)} onKeyDown={press}
        />
        {hotkey && <kbd>{hotkey}</kbd>}
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
