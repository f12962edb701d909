import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { get, keys, type Round, type RoundRow, type VitalSet } from "@/api";

export function useRound(wardId: string) {
  return useQuery({ queryKey: keys.round(wardId), queryFn: ({ signal }) => get<Round>(`/wards/${wardId}/round`, signal) });
}
/** Puts a saved set on its row at once; the event stream brings the server's view a moment later. */
export function useSaved(wardId: string) {
  const cache = useQueryClient();
  return useCallback((row: RoundRow, set: VitalSet) => {
    cache.setQueryData<Round>(keys.round(wardId), (round) => round && {
      ...round,
      rows: round.rows.map((one) => {
        if (one.encounterId !== row.encounterId) return one;
        const others = one.unsigned.filter((known) => known.id !== set.id);
        return { ...one, unsigned: set.status === "rejected" ? others : [...others, set], proposed: set.source === "device" ? null : one.proposed };
      }),
    });
    void cache.invalidateQueries({ queryKey: keys.chart(row.encounterId, "vitals") });
  }, [cache, wardId]);
}
