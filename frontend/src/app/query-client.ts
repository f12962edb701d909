import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "@/api";

// Live events tell what changed, so a fresh answer is trusted for a while; only a missing or overloaded server is asked again.
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 20_000,
      refetchOnWindowFocus: true,
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
});
