import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys, send, type PatientHit } from "@/api";

/** The text, once the typist has paused. */
export function useSettled(text: string, pause = 180): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pause);
    return () => clearTimeout(timer);
  }, [text, pause]);
  return settled;
}
export function useHits(text: string, limit: number) {
  const q = useSettled(text.trim().normalize("NFC"));
  const found = useQuery({
    queryKey: [...keys.search(q), limit],
    queryFn: ({ signal }) => send<PatientHit[]>("POST", "/patients/search", { q, limit }, { signal }),
    enabled: q.length >= 2,
    placeholderData: (before) => before,
  });
  return { ...found, q };
}
export const placeOf = (hit: PatientHit) => (hit.encounterId ? `/chart/${hit.encounterId}` : `/patients/${hit.id}`);
