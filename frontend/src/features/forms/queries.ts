import { useQuery } from "@tanstack/react-query";
import { get, keys, type DocumentRef, type FilledForm, type FormEntry, type FormRef, type FormVersion } from "@/api";

export const useForms = () => useQuery({ queryKey: keys.forms, queryFn: ({ signal }) => get<FormRef[]>("/forms", signal), staleTime: 600_000 });
export const useEntries = (encounterId: string) => useQuery({ queryKey: keys.chart(encounterId, "forms"), queryFn: ({ signal }) => get<FormEntry[]>(`/encounters/${encounterId}/forms`, signal) });
export const useDocuments = (encounterId: string) => useQuery({ queryKey: keys.chart(encounterId, "documents"), queryFn: ({ signal }) => get<DocumentRef[]>(`/encounters/${encounterId}/documents`, signal) });
export const useFilled = (encounterId: string, id: string) => useQuery({ queryKey: keys.filled(encounterId, id), queryFn: ({ signal }) => get<FilledForm>(`/filled-forms/${id}`, signal) });
export const useVersions = (encounterId: string, id: string, version: number) => useQuery({ queryKey: [...keys.filled(encounterId, id), "versions", version], queryFn: ({ signal }) => get<FormVersion[]>(`/filled-forms/${id}/versions`, signal) });
