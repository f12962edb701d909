// The plausible ranges, asked once: hard is refused, soft asks for a reason.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { get, keys, type Range } from "@/api";

export function useRanges() {
  const found = useQuery({ queryKey: keys.ranges, queryFn: ({ signal }) => get<Range[]>("/vitals/ranges", signal), staleTime: Number.POSITIVE_INFINITY });
  const ranges = useMemo(() => new Map((found.data ?? []).map((range) => [range.code, range])), [found.data]);
  return { ...found, ranges };
}
