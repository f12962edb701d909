// The calm page behind login and lock: no patient data, theme and language at hand.
import type { ReactNode } from "react";
import { setPrefs, usePrefs } from "@/lib/prefs";
import "@/ui/forms.css";
import { Icon } from "@/ui/icons";
import { useText } from "./text";
import "./plate.css";

export function Plate({ title, hint, children }: { title: string; hint: string; children: ReactNode }) {
  const t = useText();
  const { theme, language } = usePrefs();
  return (
    <main className="plate">
      <div className="plate-box">
        <p className="plate-brand"><img src="/icon.svg" alt="" width="30" height="30" /> benhan</p>
        <h1>{title}</h1>
        <p className="muted plate-hint">{hint}</p>
        {children}
      </div>
      <p className="plate-foot">
        <button type="button" className="btn quiet" onClick={() => setPrefs({ theme: theme === "dark" ? "light" : "dark" })}>
          <Icon name={theme === "dark" ? "sun" : "moon"} size={16} /> {t("theme")}
        </button>
        <button type="button" className="btn quiet" lang={language === "vi" ? "en" : "vi"} onClick={() => setPrefs({ language: language === "vi" ? "en" : "vi" })}>
          {language === "vi" ? "English" : "Tiếng Việt"}
        </button>
      </p>
    </main>
  );
}
