// One event stream a browser: the tab that holds the lock listens and tells the others. EventSource resumes with
// Last-Event-ID by itself after a drop; where it gives up (an error answer), this reconnects with a growing pause and
// reports a gap, so that screens ask for what they missed.
import { BASE, query } from "@/api";
import { EVENT_NAMES, parseEvent, type ServerEvent } from "./events";

export type Link = "connecting" | "online" | "offline";
export interface Listener { link(state: Link): void; event(event: ServerEvent): void; gap(): void }
type Told = { kind: "link"; state: Link } | { kind: "event"; name: string; data: string } | { kind: "gap" };

const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

function listen(wardId: string, tell: (told: Told) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = FIRST_PAUSE;
  let connectedBefore = false;
  let resumable = true;

  const connect = () => {
    source = new EventSource(`${BASE}/events${query({ ward: wardId })}`);
    source.onopen = () => {
      pause = FIRST_PAUSE;
      tell({ kind: "link", state: "online" });
      if (connectedBefore && !resumable) tell({ kind: "gap" });
      connectedBefore = true;
      resumable = true;
    };
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return tell({ kind: "link", state: "connecting" });
      // A new EventSource has no Last-Event-ID to send.
      resumable = false;
      tell({ kind: "link", state: "offline" });
      timer = setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
    for (const name of EVENT_NAMES) {
      source.addEventListener(name, (message: MessageEvent<string>) => {
        tell({ kind: "event", name, data: message.data });
        if (name === "ended") source?.close();
      });
    }
  };
  const wake = () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    clearTimeout(timer);
    connect();
  };
  connect();
  addEventListener("online", wake);
  return () => {
    removeEventListener("online", wake);
    clearTimeout(timer);
    source?.close();
  };
}

export function follow(wardId: string, listener: Listener): () => void {
  const hear = (told: Told) => {
    if (told.kind === "link") return listener.link(told.state);
    if (told.kind === "gap") return listener.gap();
    const event = parseEvent(told.name, told.data);
    if (event) listener.event(event);
  };
  // Web Locks need a secure context; without them each tab listens for itself.
  if (!navigator.locks) return listen(wardId, hear);

  const tabs = new BroadcastChannel(`benhan.live.${wardId}`);
  let state: Link = "connecting";
  let leading = false;
  let followed = false;
  const end = new AbortController();
  const tell = (told: Told) => {
    if (told.kind === "link") state = told.state;
    hear(told);
    tabs.postMessage(told);
  };
  tabs.onmessage = ({ data }: MessageEvent<Told | "who?">) => {
    if (data !== "who?") {
      followed = true;
      hear(data);
    } else if (leading) tabs.postMessage({ kind: "link", state } satisfies Told);
  };
  tabs.postMessage("who?");
  void navigator.locks
    .request(`benhan.live.${wardId}`, { signal: end.signal }, () => {
      leading = true;
      const stop = listen(wardId, tell);
      // Taking over from a closed tab: what came in between is unknown.
      if (followed) tell({ kind: "gap" });
      return new Promise<void>((done) => end.signal.addEventListener("abort", () => (stop(), done())));
    })
    .catch(() => {});
  return () => {
    end.abort();
    tabs.close();
  };
}
