// The first part of a multipart/related body, found in bytes. Pure.
function indexOf(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  outer: for (let i = bytes.indexOf(needle[0] ?? 0, from); i >= 0; i = bytes.indexOf(needle[0] ?? 0, i + 1)) {
    for (let j = 1; j < needle.length; j++) if (bytes[i + j] !== needle[j]) continue outer;
    return i;
  }
  return -1;
}

/** The body of the first part and its content type; the whole body where the answer is not multipart. */
export function firstPart(contentType: string, body: Uint8Array): { type: string; bytes: Uint8Array } | null {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!/^multipart\//i.test(contentType) || !boundary) return { type: contentType, bytes: body };
  const ascii = new TextEncoder();
  const start = indexOf(body, ascii.encode(`--${boundary}`), 0);
  if (start < 0) return null;
  const headersEnd = indexOf(body, ascii.encode("\r\n\r\n"), start);
  if (headersEnd < 0) return null;
  const headers = new TextDecoder("latin1").decode(body.subarray(start, headersEnd));
  const end = indexOf(body, ascii.encode(`\r\n--${boundary}`), headersEnd + 4);
  const type = /content-type:\s*([^\r\n]+)/i.exec(headers)?.[1] ?? "application/octet-stream";
  return { type, bytes: body.subarray(headersEnd + 4, end < 0 ? body.length : end) };
}
