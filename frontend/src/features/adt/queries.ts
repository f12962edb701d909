import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { get, keys, send, type PatientHit, type WardBed } from "@/api";

export const useBeds = (wardId: string) => useQuery({ queryKey: keys.beds(wardId), queryFn: ({ signal }) => get<WardBed[]>(`/wards/${wardId}/beds`, signal) });

export function useHits(text: string, limit: number) {
  const wanted = text.trim().normalize("NFC");
  const [q, setQ] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setQ(wanted), 180);
    return () => clearTimeout(timer);
  }, [wanted]);
  return useQuery({ queryKey: [...keys.search(q), limit], queryFn: ({ signal }) => send<PatientHit[]>("POST", "/patients/search", { q, limit }, { signal }), enabled: q.length >= 2, placeholderData: (before) => before });
}
/** The bed that an empty card asked to fill travels in the address; it says nothing about a person. */
export const withBed = (path: string, bed: string | null) => (bed ? `${path}?bed=${encodeURIComponent(bed)}` : path);
