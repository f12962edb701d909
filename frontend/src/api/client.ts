// The one way to the server: JSON over fetch with the session cookie, the CSRF token and problem+json errors.
// Not a cache: screens read through TanStack Query (queries.ts beside each feature).
import type { Problem } from "./types";

export const BASE = "/api/v1";

/** A refusal of the server, or `code: "offline"` when no answer came. `message` is a sentence for the user. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
  get code(): string {
    return this.problem.code;
  }
  get status(): number {
    return this.problem.status;
  }
}

export type SessionEnd = "unauthenticated" | "locked" | "outside-hours";
let csrf = "";
let onSessionEnd: (why: SessionEnd, detail: string) => void = () => {};

export function setCsrfToken(token: string): void {
  csrf = token;
}
export function whenSessionEnds(listener: (why: SessionEnd, detail: string) => void): void {
  onSessionEnd = listener;
}

/** A random UUID, also where the page is not a secure context and `randomUUID` is missing. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, i) => ((i === 6 ? (byte & 15) | 64 : i === 8 ? (byte & 63) | 128 : byte) | 256).toString(16).slice(1)).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const OFFLINE: Problem = {
  type: "about:blank",
  title: "offline",
  status: 0,
  code: "offline",
  detail: "Không kết nối được máy chủ. Số liệu đã gõ vẫn giữ trên máy này; kiểm tra mạng rồi thử lại.",
};

async function problemOf(response: Response): Promise<Problem> {
  const fallback: Problem = { ...OFFLINE, status: response.status, code: "unavailable", detail: `Máy chủ không trả lời được yêu cầu này (mã ${response.status}). Thử lại sau ít phút.` };
  if (!response.headers.get("content-type")?.includes("json")) return fallback;
  try {
    return { ...fallback, ...((await response.json()) as Partial<Problem>) };
  } catch {
    return fallback;
  }
}

export interface SendOptions {
  /** The version being replaced, where two people may edit. */
  ifMatch?: number;
  /** Kept by drafts, so that a retry after a lost answer is not a second entry. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

async function call(method: string, path: string, body: unknown, options: SendOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  const file = body instanceof Blob;
  if (body !== undefined) headers["Content-Type"] = file ? "application/octet-stream" : "application/json";
  if (method !== "GET") {
    headers["X-CSRF-Token"] = csrf;
    headers["Idempotency-Key"] = options.idempotencyKey ?? newKey();
  }
  if (options.ifMatch !== undefined) headers["If-Match"] = `"${options.ifMatch}"`;
  let response: Response;
  try {
    response = await fetch(BASE + path, { method, headers, credentials: "same-origin", body: body === undefined ? null : file ? body : JSON.stringify(body), signal: options.signal ?? null });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError(OFFLINE);
  }
  if (response.ok) return response;
  const problem = await problemOf(response);
  const ends = problem.code === "unauthenticated" || problem.code === "locked" || problem.code === "outside-hours";
  // A login that is refused ends nothing: its form says why.
  if (ends && path !== "/auth/login") onSessionEnd(problem.code as SessionEnd, problem.detail);
  throw new ApiError(problem);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await call("GET", path, undefined, signal ? { signal } : {});
  return (await response.json()) as T;
}

/** As `get`, for what may answer 204: nothing yet. */
export async function getMaybe<T>(path: string, signal: AbortSignal): Promise<T | null> {
  const response = await call("GET", path, undefined, { signal });
  return response.status === 204 ? null : ((await response.json()) as T);
}

export async function getText(path: string): Promise<string> {
  return (await call("GET", path, undefined, {})).text();
}

/** Takes a file that the server makes for this request alone, under the server's name for it, into the person's downloads. */
export async function takeFile(path: string): Promise<void> {
  const response = await call("POST", path, undefined, {});
  const link = document.createElement("a");
  link.download = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "";
  link.href = URL.createObjectURL(await response.blob());
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Opens a PDF that the server makes for this request alone, in a window of its own. */
export async function openPrint(path: string, body: unknown): Promise<void> {
  const response = await call("POST", path, body, {});
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.target = "_blank";
  link.rel = "noreferrer";
  link.click();
  // The window has it once it is loaded.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Sends a file as it is. */
export async function sendFile<T>(path: string, file: Blob): Promise<T> {
  return (await (await call("POST", path, file, {})).json()) as T;
}

/** Sends a write; answers the body, or undefined for 204. */
export async function send<T = void>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown, options: SendOptions = {}): Promise<T> {
  const response = await call(method, path, body, options);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export function query(params: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(params).filter((pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== "");
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
}
