// 44 px: ward, search, link state, time, who, lock.
import { lazy, Suspense, useCallback, useState } from "react";
import type { WardRef } from "@/api";
import { useAtTime } from "@/lib/clock";
import { useHotkey } from "@/lib/hotkey";
import type { Link } from "@/lib/live/stream";
import { setPrefs, usePrefs } from "@/lib/prefs";
import { fromOutside, useSession } from "@/lib/session";
import { clockTime } from "@/lib/time";
import { Icon } from "@/ui/icons";
import { useText } from "./text";

const OwnSessions = lazy(() => import("@/features/access").then((m) => ({ default: m.OwnSessions })));
const OwnSecondFactor = lazy(() => import("@/features/auth").then((m) => ({ default: m.OwnSecondFactor })));
const OwnToken = lazy(() => import("@/features/auth").then((m) => ({ default: m.OwnToken })));
const Search = lazy(() => import("@/features/patient-search").then((m) => ({ default: m.SearchBox })));

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return (words.slice(-2).map((word) => word[0] ?? "").join("") || "?").toUpperCase();
}
function shiftAt(now: number): "shiftMorning" | "shiftAfternoon" | "shiftNight" {
  const hour = Number(clockTime(now).slice(0, 2));
  return hour >= 6 && hour < 14 ? "shiftMorning" : hour >= 14 && hour < 22 ? "shiftAfternoon" : "shiftNight";
}

function LinkState({ link }: { link: Link }) {
  const t = useText();
  return <span className={`link ${link}`} role="status">{t(link)}</span>;
}

export function TopBar({ link, ward, pick }: { link: Link; ward: WardRef | null; pick: (wardId: string) => void }) {
  const t = useText();
  const { session, lock, logout } = useSession();
  const { theme, language } = usePrefs();
  const time = useAtTime(clockTime);
  const shift = useAtTime(useCallback(shiftAt, []));
  const [searching, setSearching] = useState(false);
  const [mine, setMine] = useState(false);
  return (
    <header className="top">
      <span className="brand">benhan</span>
      {ward && <label className="ward">
        <span className="sr">{t("ward")}</span>
        <select value={ward.id} onChange={(event) => pick(event.target.value)}>
          {session.wards.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
      </label>}
      {/* Who sees no patient has nobody to look for. */}
      {ward && (
        <Suspense fallback={<SearchStub onWake={() => setSearching(true)} />}>
          {searching ? <Search /> : <SearchStub onWake={() => setSearching(true)} />}
        </Suspense>
      )}
      <span className="grow" />
      {ward && <LinkState link={link} />}
      <span className="time">{time}</span>
      {/* Nothing but what was granted is for whoever is from outside. */}
      {fromOutside(session.user.role) ? <b className="cut">{session.user.name}</b> : (
        <button type="button" className="me" title={t("mine")} onClick={() => setMine(true)}>
          <i aria-hidden="true">{initials(session.user.name)}</i>
          <span className="cut">{session.user.title} {session.user.name} · {t(shift)}</span>
        </button>
      )}
      {mine && <Suspense fallback={null}><OwnSessions onClose={() => setMine(false)}><OwnSecondFactor /><OwnToken /></OwnSessions></Suspense>}
      <button type="button" className="iconbtn" title={t(theme === "dark" ? "toLight" : "toDark")} aria-label={t(theme === "dark" ? "toLight" : "toDark")} onClick={() => setPrefs({ theme: theme === "dark" ? "light" : "dark" })}>
        <Icon name={theme === "dark" ? "sun" : "moon"} />
      </button>
      <button type="button" className="iconbtn" lang={language === "vi" ? "en" : "vi"} title={t("language")} onClick={() => setPrefs({ language: language === "vi" ? "en" : "vi" })}>
        {language === "vi" ? "EN" : "VI"}<span className="sr"> {t("language")}</span>
      </button>
      <button type="button" className="iconbtn" title={t("logout")} aria-label={t("logout")} onClick={logout}><Icon name="out" /></button>
      <button type="button" className="lockbtn" onClick={lock}><kbd>F12</kbd> {t("lock")}</button>
    </header>
  );
}

/** The closed search box: the real one, with its list of hits, is fetched when somebody wants to search. */
function SearchStub({ onWake }: { onWake: () => void }) {
  const t = useText();
  useHotkey("/", onWake);
  return (
    <button type="button" className="search" onClick={onWake}>
      <Icon name="search" size={16} /> <span>{t("search")}</span> <span className="grow" /> <kbd>/</kbd>
    </button>
  );
}
