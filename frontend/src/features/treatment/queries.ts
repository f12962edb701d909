import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, keys, type AskedStay, type Duty, type Encounter, type PersonRef, type Treating } from "@/api";
import { now } from "@/lib/clock";
import { onOwnWards, useSession } from "@/lib/session";
import { covers, isNamed } from "./place";

export const treatingPath = (encounterId: string) => `/encounters/${encounterId}/treating`;
export const dutyPath = (wardId: string) => `/wards/${wardId}/duty`;

export const useTreating = (encounterId: string, enabled = true) =>
  useQuery({ queryKey: keys.treating(encounterId), queryFn: ({ signal }) => get<Treating>(treatingPath(encounterId), signal), enabled, staleTime: 0 });
export const useTreatingCandidates = (encounterId: string) =>
  useQuery({ queryKey: keys.treatingCandidates(encounterId), queryFn: ({ signal }) => get<PersonRef[]>(`${treatingPath(encounterId)}/candidates`, signal), staleTime: 0 });

export const useDuty = (wardId: string, enabled = true) =>
  useQuery({ queryKey: keys.duty(wardId), queryFn: ({ signal }) => get<Duty>(dutyPath(wardId), signal), enabled, staleTime: 0, refetchInterval: 60_000 });
export const useDutyCandidates = (wardId: string) =>
  useQuery({ queryKey: keys.dutyCandidates(wardId), queryFn: ({ signal }) => get<PersonRef[]>(`${dutyPath(wardId)}/candidates`, signal), staleTime: 0 });

export const useAskedStays = () =>
  useQuery({ queryKey: keys.askedStays, queryFn: ({ signal }) => get<AskedStay[]>("/treating/mine", signal), staleTime: 0, refetchInterval: 60_000 });

export function useKeepTreating(encounterId: string): (state: Treating | null) => void {
  const cache = useQueryClient();
  return (state) => {
    if (state) cache.setQueryData(keys.treating(encounterId), state);
    void cache.invalidateQueries({ queryKey: keys.treating(encounterId) });
    void cache.invalidateQueries({ queryKey: keys.askedStays });
    // Whoever ended their own part may have lost the chart with it.
    void cache.invalidateQueries({ queryKey: keys.encounter(encounterId), exact: true });
  };
}
export function useKeepDuty(wardId: string): (state: Duty | null) => void {
  const cache = useQueryClient();
  return (state) => {
    if (state) cache.setQueryData(keys.duty(wardId), state);
    void cache.invalidateQueries({ queryKey: keys.duty(wardId) });
    void cache.invalidateQueries({ queryKey: keys.ownWards });
  };
}

/** Is this chart of another ward, opened in an emergency to read? Null while that is not known: a sheet that is being
 *  written must not turn into one to read. */
export function useElsewhere(encounter: Encounter | undefined): boolean | null {
  const { session } = useSession();
  const away = encounter !== undefined && onOwnWards(session) && !session.wards.some(({ id }) => id === encounter.ward.id);
  const asks = away && session.user.role === "doctor";
  const treating = useTreating(encounter?.id ?? "", asks);
  const named = isNamed(treating.data, session.user.id);
  const duty = useDuty(encounter?.ward.id ?? "", asks && !treating.isPending && !named);
  if (!asks || named) return away && !named;
  return treating.isPending || duty.isPending ? null : !covers(duty.data, session.user.id, now());
}
