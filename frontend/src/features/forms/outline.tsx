// The sections of a long form, beside it while it scrolls: where one is, and where something is still missing.
import { useEffect, useState, type RefObject } from "react";
import type { FormSection } from "@/api";
import { useText } from "./text";

/** A stop of the outline: a section with a name and the nameless ones after it, which belong to it. A heading that asks for nothing itself opens a part. */
export interface Stop { name: string; label: string; part: boolean; missing: number }

export function stopsOf(sections: readonly FormSection[], missing: (section: FormSection) => number): Stop[] {
  const stops: Stop[] = [];
  for (const section of sections) {
    const last = stops.at(-1);
    if (section.label || !last) stops.push({ name: section.name, label: section.label, part: section.fields.length === 0, missing: missing(section) });
    else last.missing += missing(section);
  }
  return stops;
}

/** The section under the reader's eye: the last whose heading has passed the top of the scrolled box. */
function useCurrent(box: RefObject<HTMLElement | null>): string | null {
  const [current, setCurrent] = useState<string | null>(null);
  useEffect(() => {
    const scrolled = box.current;
    if (!scrolled) return;
    const look = () => {
      const top = scrolled.getBoundingClientRect().top + 60;
      const sections = [...scrolled.querySelectorAll<HTMLElement>("[data-section][data-stop]")];
      const passed = sections.filter((one) => one.getBoundingClientRect().top <= top).at(-1) ?? sections[0];
      setCurrent(passed?.dataset["section"] ?? null);
    };
    look();
    scrolled.addEventListener("scroll", look, { passive: true });
    return () => scrolled.removeEventListener("scroll", look);
  }, [box]);
  return current;
}

interface Props { stops: readonly Stop[]; box: RefObject<HTMLElement | null>; jump: (section: string) => void }
export function Outline({ stops, box, jump }: Props) {
  const t = useText();
  const current = useCurrent(box);
  return (
    <nav className="outline" aria-label={t("sections")}>
      <ol>
        {stops.map(({ name, label, part, missing }) => (
          <li key={name} className={part ? "part" : undefined}>
            <button type="button" aria-current={name === current ? "location" : undefined} onClick={() => jump(name)}>
              <span>{label || t("sectionTop")}</span>
              {missing > 0 && <b title={t("missingToSign")}>{missing}<span className="sr"> {t("missingToSign")}</span></b>}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
