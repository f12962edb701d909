import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, keys, type PersonRef, type RestrictionState } from "@/api";

export const restrictionPath = (encounterId: string) => `/encounters/${encounterId}/restriction`;

export const useRestriction = (encounterId: string, enabled = true) =>
  useQuery({ queryKey: keys.restriction(encounterId), queryFn: ({ signal }) => get<RestrictionState>(restrictionPath(encounterId), signal), enabled, staleTime: 0 });

export const useCandidates = (encounterId: string) =>
  useQuery({ queryKey: keys.candidates(encounterId), queryFn: ({ signal }) => get<PersonRef[]>(`${restrictionPath(encounterId)}/candidates`, signal), staleTime: 0 });

/** Keeps the answer of a change, if it was read, and has asked anew what shows or hides by it. */
export function useKeepAnswer(encounterId: string): (state: RestrictionState | null) => void {
  const cache = useQueryClient();
  return (state) => {
    if (state) cache.setQueryData(keys.restriction(encounterId), state);
    void cache.invalidateQueries({ queryKey: keys.restriction(encounterId) });
    void cache.invalidateQueries({ queryKey: ["board"] });
    void cache.invalidateQueries({ queryKey: ["patient"] });
    // Who assigns without reading has no chart to ask for; asking would take this dialog from the page of the refusal.
    if (cache.getQueryData(keys.encounter(encounterId)) !== undefined) void cache.invalidateQueries({ queryKey: keys.encounter(encounterId), exact: true });
  };
}
