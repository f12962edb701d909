import { useQuery } from "@tanstack/react-query";
import { ApiError, BASE, get, keys, type ReadingGrant, type ReadingSheet } from "@/api";

/** Asked anew wherever it is shown: what may be read ends by a word of the record room, and no event tells of it. */
export const useGrants = () => useQuery({ queryKey: keys.reading, queryFn: ({ signal }) => get<ReadingGrant[]>("/reading", signal), staleTime: 0 });

export const useSheets = (requestId: string) =>
  useQuery({ queryKey: keys.readingSheets(requestId), queryFn: ({ signal }) => get<ReadingSheet[]>(`/reading/${requestId}/sheets`, signal), staleTime: 0, gcTime: 0 });

export const paperOf = (requestId: string, documentId: string) => `${BASE}/reading/${requestId}/sheets/${documentId}`;
export const hasEnded = (error: unknown): boolean => error instanceof ApiError && error.code === "grant-ended";
