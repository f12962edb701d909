// Who works at this browser. The context is provided by app/gate.tsx, which alone changes it.
import { createContext, useContext, useMemo } from "react";
import type { Role, Session } from "@/api";
import { draftsOf, type Drafts } from "./drafts";

export interface SessionHold {
  session: Session;
  /** The same person, with something of theirs changed. */
  renew(session: Session): void;
  lock(): void;
  logout(): void;
}
export const SessionContext = createContext<SessionHold | null>(null);

export function useSession(): SessionHold {
  const hold = useContext(SessionContext);
  if (!hold) throw new Error("no session above this component");
  return hold;
}
export function useDrafts(): Drafts {
  const { id } = useSession().session.user;
  return useMemo(() => draftsOf(id), [id]);
}
/** Of this tab alone, through a reload and a lock; gone at logout. */
export function useTabDrafts(): Drafts {
  const { id } = useSession().session.user;
  return useMemo(() => draftsOf(id, sessionStorage), [id]);
}
/** They see their own wards alone: nurses everywhere, doctors where the hospital has set it so. */
export const onOwnWards = ({ user: { role }, treatmentScope }: Session) => role === "nurse" || role === "head-nurse" || (role === "doctor" && treatmentScope);
/** They read what was granted to them, and see nothing else. */
export const fromOutside = (role: Role) => role === "outsider";
export const charts = (role: Role) => role === "nurse" || role === "head-nurse" || role === "doctor";
export const signs = charts;
