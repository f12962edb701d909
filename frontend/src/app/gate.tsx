// Decides who sees what before any patient data is fetched: login, own password, second factor and PIN, lock, or the app. A locked session unmounts the app
// and empties the cache, so nothing of a patient stays on the page; typed drafts stay in lib/drafts.
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { get, send, setCsrfToken, whenSessionEnds, type Session } from "@/api";
import { setServerNow } from "@/lib/clock";
import { countDrafts, forgetDrafts } from "@/lib/drafts";
import { fromOutside, SessionContext } from "@/lib/session";
import { Failure, Loading } from "@/ui/status";
import { IdleLock } from "./idle-lock";
import { Shell } from "./shell";

const Login = lazy(() => import("@/features/auth").then((m) => ({ default: m.Login })));
const Lock = lazy(() => import("@/features/auth").then((m) => ({ default: m.Lock })));
const Unsaved = lazy(() => import("./unsaved-dialog").then((m) => ({ default: m.UnsavedDialog })));
const OwnKeys = lazy(() => import("@/features/auth").then((m) => ({ default: m.OwnKeys })));
const EnrolPage = lazy(() => import("@/features/auth").then((m) => ({ default: m.EnrolPage })));

type State = { at: "asking" } | { at: "out"; ended: boolean; said?: string; outside?: boolean } | { at: "in"; session: Session } | { at: "unreachable"; error: unknown };

export function Gate() {
  const [state, setState] = useState<State>({ at: "asking" });
  /** Words that a logout would lose: how many sheets hold some. */
  const [unsaved, setUnsaved] = useState(0);
  const cache = useQueryClient();

  const enter = useCallback((session: Session) => {
    setCsrfToken(session.csrf);
    setServerNow(session.now);
    if (session.locked) cache.clear();
    forgetDrafts(sessionStorage, session.user.id);
    setState({ at: "in", session });
  }, [cache]);
  const leave = useCallback((ended: boolean) => {
    setCsrfToken("");
    cache.clear();
    // A session that ended by itself has been said already.
    setState((was) => (was.at === "out" && was.ended ? was : { at: "out", ended }));
  }, [cache]);
  const showLocked = useCallback(() => {
    cache.clear();
    setState((was) => (was.at === "in" ? { at: "in", session: { ...was.session, locked: true } } : was));
  }, [cache]);
  const ask = useCallback(() => {
    get<Session>("/auth/session").then(enter, (error: { status?: number; code?: string }) => {
      if (error.status === 401) leave(false);
      else if (error.code !== "outside-hours") setState({ at: "unreachable", error });
    });
  }, [enter, leave]);

  useEffect(ask, [ask]);
  useEffect(() => {
    whenSessionEnds((why, detail) => {
      if (why === "locked") showLocked();
      // The sentence says when to come again, whatever else has closed the screen meanwhile.
      else if (why === "outside-hours") setState(() => (cache.clear(), { at: "out", ended: true, said: detail }));
      else setState((was) => (was.at === "in" ? (cache.clear(), { at: "out", ended: true, outside: fromOutside(was.session.user.role) }) : was));
    });
  }, [cache, showLocked]);

  const lock = useCallback(() => {
    // The page hides at once; the server is told, and a dead network does not keep the screen open.
    void send("POST", "/auth/lock").catch(() => {});
    showLocked();
  }, [showLocked]);
  /** Words stay for the same person, who cannot come back to save them when the PIN takes no more tries. */
  const shut = useCallback((ended = true) => {
    setUnsaved(0);
    void send("POST", "/auth/logout").catch(() => {});
    leave(ended);
  }, [leave]);
  const end = useCallback(() => {
    forgetDrafts(sessionStorage);
    shut(false);
  }, [shut]);
  const logout = useCallback(() => {
    const words = countDrafts(sessionStorage);
    if (words > 0) setUnsaved(words);
    else end();
  }, [end]);

  const hold = useMemo(() => (state.at === "in" ? { session: state.session, renew: enter, lock, logout } : null), [state, enter, lock, logout]);
  if (state.at === "asking") return <Loading />;
  if (state.at === "unreachable") return <Failure title="Benhan" error={state.error} retry={ask} />;
  if (state.at === "out") return <Suspense fallback={<Loading />}><Login ended={state.ended} outside={state.outside} said={state.said} onSession={enter} /></Suspense>;
  const asking = unsaved > 0 && <Suspense><Unsaved sheets={unsaved} name={state.session.user.name} onClose={() => setUnsaved(0)} onLogout={end} /></Suspense>;
  if (state.session.locked) return <Suspense fallback={<Loading />}><Lock session={state.session} onSession={enter} onSwitch={logout} onShut={shut} />{asking}</Suspense>;
  if (state.session.mustEnrolSecondFactor && !state.session.mustChangePassword) {
    return <Suspense fallback={<Loading />}><EnrolPage onSession={enter} onSwitch={logout} />{asking}</Suspense>;
  }
  // Who reads from outside signs nothing: their password alone opens.
  if (state.session.mustChangePassword || !(state.session.hasPin || fromOutside(state.session.user.role))) {
    return <Suspense fallback={<Loading />}><OwnKeys session={state.session} onSession={enter} onSwitch={logout} />{asking}</Suspense>;
  }
  return (
    <SessionContext value={hold}>
      <IdleLock after={state.session.lockAfterSeconds} lock={lock} />
      <Shell onEnded={ask} />
      {asking}
    </SessionContext>
  );
}
