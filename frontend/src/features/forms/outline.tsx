// The sections of a long form, beside it while it scrolls: where one is, and where something is still missing.
import { useEffect, useState, type RefObject } from "react";
import type { FormSection } from "@/api";
import { useText } from "./text";

/** The section under the reader's eye: the last whose heading has passed the top of the scrolled box. */
function useCurrent(box: RefObject<HTMLElement | null>): string | null {
  const [current, setCurrent] = useState<string | null>(null);
  useEffect(() => {
    const scrolled = box.current;
    if (!scrolled) return;
    const look = () => {
      const top = scrolled.getBoundingClientRect().top + 60;
      const sections = [...scrolled.querySelectorAll<HTMLElement>("[data-section]")];
      const passed = sections.filter((one) => one.getBoundingClientRect().top <= top).at(-1) ?? sections[0];
      setCurrent(passed?.dataset["section"] ?? null);
    };
    look();
    scrolled.addEventListener("scroll", look, { passive: true });
    return () => scrolled.removeEventListener("scroll", look);
  }, [box]);
  return current;
}

interface Props { sections: readonly FormSection[]; missing: ReadonlyMap<string, number>; box: RefObject<HTMLElement | null>; jump: (section: string) => void }
export function Outline({ sections, missing, box, jump }: Props) {
  const t = useText();
  const current = useCurrent(box);
  return (
    <nav className="outline" aria-label={t("sections")}>
      <ol>
        {sections.map((section, i) => {
          const count = missing.get(section.name) ?? 0;
          return (
            <li key={section.name}>
              <button type="button" aria-current={section.name === current ? "location" : undefined} onClick={() => jump(section.name)}>
                <span>{section.label || t("sectionNone", { n: i + 1 })}</span>
                {count > 0 && <b title={t("missingToSign")}>{count}<span className="sr"> {t("missingToSign")}</span></b>}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
