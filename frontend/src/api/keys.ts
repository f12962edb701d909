// Names of what the cache holds. Live events patch and invalidate by these, so every screen must use them.
export const keys = {
  board: (wardId: string) => ["board", wardId] as const,
  round: (wardId: string) => ["round", wardId] as const,
  ranges: ["ranges"] as const,
  encounter: (id: string) => ["encounter", id] as const,
  chart: (id: string, what: "vitals" | "notes" | "results" | "studies" | "documents" | "orders" | "timeline") => ["encounter", id, what] as const,
  patient: (id: string) => ["patient", id] as const,
  search: (q: string) => ["search", q] as const,
  beds: (wardId: string) => ["beds", wardId] as const,
  waiting: (state: "open" | "handled" | "set-aside") => ["waiting", state] as const,
  unmatched: ["unmatched-studies"] as const,
  orders: (wardId: string, kind: string, state: string) => ["orders", wardId, kind, state] as const,
  unreleased: ["unreleased"] as const,
  catalog: ["catalog"] as const,
  users: ["users"] as const,
  devices: ["devices"] as const,
  audit: ["audit"] as const,
};
