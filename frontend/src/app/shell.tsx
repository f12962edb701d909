// The frame of every screen: top bar, rail, the ward in hand, the link's state. Screens are composed in routes.tsx.
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect } from "react";
import { Redirect, useLocation } from "wouter";
import { get, keys, type WardBoard } from "@/api";
import { setServerNow } from "@/lib/clock";
import { useHotkey } from "@/lib/hotkey";
import { useLive } from "@/lib/live/use-live";
import { setPrefs, usePrefs } from "@/lib/prefs";
import { charts, fromOutside, useSession } from "@/lib/session";
import { WardContext } from "@/lib/ward";
import { Empty, Loading } from "@/ui/status";
import { Boundary } from "./boundary";
import { Rail } from "./rail";
import { Routes } from "./routes";
import "./shell.css";
import { standing, stopsOf } from "./stops";
import { useText } from "./text";
import { TopBar } from "./top-bar";

/** All there is for whoever reads from outside, at every address. */
const Reading = lazy(() => import("@/features/reading").then((m) => ({ default: m.ReadingScreens })));

const BoardWithoutWard = lazy(() => import("./board-page").then((m) => ({ default: m.BoardWithoutWard })));

/** The screen, or why this person does not get it here. An administrator's home is the first screen of their rail. */
function Screen({ place, hasWard }: { place: string; hasWard: boolean }) {
  const t = useText();
  const { user: { role }, treatmentScope } = useSession().session;
  // Where doctors are kept to their own patients, one without a ward may be named in a stay.
  const asked = treatmentScope && role === "doctor";
  if (fromOutside(role)) return <Boundary resetOn={place}><Suspense fallback={<Loading />}><Reading /></Suspense></Boundary>;
  const where = standing(place, role, hasWard || (asked && place.startsWith("/chart/")));
  if (where === "open") return <Boundary resetOn={place}><Routes /></Boundary>;
  const home = stopsOf(role)[0]?.to ?? "/";
  if (place === "/" && home !== "/") return <Redirect to={home} replace />;
  return <><div className="bar"><h1>{t("notHere")}</h1></div><Empty title={t(where === "no-ward" ? "noWard" : "elsewhere")} />{asked && where === "no-ward" && <Suspense fallback={null}><BoardWithoutWard /></Suspense>}</>;
}

export function Shell({ onEnded }: { onEnded: () => void }) {
  const t = useText();
  const { session, lock } = useSession();
  const chosen = usePrefs().ward;
  const [place, go] = useLocation();
  const ward = session.wards.find((one) => one.id === chosen) ?? session.wards[0] ?? null;
  const link = useLive(ward?.id ?? null, onEnded);

  // The rail's counts come with the board; the board screen shares this answer.
  const board = useQuery({
    queryKey: keys.board(ward?.id ?? ""),
    queryFn: ({ signal }) => get<WardBoard>(`/wards/${ward?.id}/board`, signal),
    enabled: ward !== null,
  });
  const serverNow = board.data?.now;
  useEffect(() => {
    if (serverNow) setServerNow(serverNow);
  }, [serverNow]);
  useHotkey("F12", lock);
  useHotkey("F2", () => charts(session.user.role) && go("/round"));
  const pick = useCallback((id: string) => {
    setPrefs({ ward: id });
    go("/");
  }, [go]);

  return (
    <WardContext value={ward}>
      <div className="app">
        <a className="skip" href="#main">{t("skip")}</a>
        <TopBar link={link} ward={ward} pick={pick} />
        {!fromOutside(session.user.role) && <Rail waiting={board.data?.waiting ?? null} />}
        <main id="main" tabIndex={-1}>
          <Screen place={place} hasWard={ward !== null} />
        </main>
      </div>
    </WardContext>
  );
}
