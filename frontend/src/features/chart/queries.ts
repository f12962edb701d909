import { useQuery } from "@tanstack/react-query";
import { get, keys, type Encounter, type TimelineItem } from "@/api";

export const useEncounter = (id: string) => useQuery({ queryKey: keys.encounter(id), queryFn: ({ signal }) => get<Encounter>(`/encounters/${id}`, signal) });
export const useTimeline = (id: string) => useQuery({ queryKey: keys.chart(id, "timeline"), queryFn: ({ signal }) => get<TimelineItem[]>(`/encounters/${id}/timeline?hours=24`, signal) });
