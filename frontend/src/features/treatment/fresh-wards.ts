// The session is told at login, and the wards in it come and go with hours on duty: the choice of wards follows them.
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { get, keys, type Session, type WardRef } from "@/api";
import { nowIso } from "@/lib/clock";
import { useSession } from "@/lib/session";

const ids = (wards: readonly WardRef[]) => wards.map(({ id }) => id).join();

export function useFreshWards(enabled: boolean): void {
  const { session, renew } = useSession();
  const { data } = useQuery({ queryKey: keys.ownWards, queryFn: async ({ signal }) => (await get<Session>("/auth/session", signal)).wards, enabled, staleTime: 0, refetchInterval: 60_000 });
  useEffect(() => {
    // An answer that waited in the cache says the wards, and not the time.
    if (data && ids(data) !== ids(session.wards)) renew({ ...session, wards: data, now: nowIso() });
  }, [data, session, renew]);
}
