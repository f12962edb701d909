// The addresses of whoever reads from outside: `/`, `/reading/{request}`, `/reading/{request}/{document}`. Pure.
export type Place = "grants" | "elsewhere" | { requestId: string; documentId: string | undefined };

export function placeAt(path: string): Place {
  if (path === "/") return "grants";
  const [, requestId, documentId] = /^\/reading\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  return requestId ? { requestId, documentId } : "elsewhere";
}
