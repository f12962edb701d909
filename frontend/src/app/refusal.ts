import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, type Encounter } from "@/api";

const refuses = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500;

/** Why there is no chart to show, or null. A chart that could not be asked for anew stays, unless the server refuses it; and
 *  a refusal that is asked anew stays as well, because a dialog on it may hold something typed. */
export function useRefusal(encounterId: string, { data, error, isPending }: UseQueryResult<Encounter>): unknown {
  const [kept, keep] = useState<{ of: string; error: unknown } | null>(null);
  if (refuses(error) && kept?.error !== error) keep({ of: encounterId, error });
  if (isPending) return kept?.of === encounterId ? kept.error : null;
  return !data || refuses(error) ? error : null;
}
