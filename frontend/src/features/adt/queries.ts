import { useQuery } from "@tanstack/react-query";
import { get, keys, type WardBed } from "@/api";

export const useBeds = (wardId: string) => useQuery({ queryKey: keys.beds(wardId), queryFn: ({ signal }) => get<WardBed[]>(`/wards/${wardId}/beds`, signal) });

/** The bed that an empty card asked to fill travels in the address; it says nothing about a person. */
export const withBed = (path: string, bed: string | null) => (bed ? `${path}?bed=${encodeURIComponent(bed)}` : path);
