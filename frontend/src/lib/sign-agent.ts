// Signing with a token in this computer. The server says what is to be signed, the agent on loopback signs it, and this
// page carries between them. The PIN goes to the agent alone, with the statement that opens the token.
import { ApiError, get, getMaybe, send, type SealedStatement, type SignAgent } from "@/api";

/** Names of the sentences for what only this computer can put right. */
export type AgentTrouble = "agentAway" | "agentStrange" | "agentNoDriver" | "agentNoToken" | "agentLocked" | "agentClock";
export class AgentError extends Error {
  constructor(readonly trouble: AgentTrouble) {
    super(trouble);
  }
}

export interface AgentKey { key: string; label: string; subject: string | null; pem: string | null }
export interface AgentToken { serial: string; label: string; locked: boolean; keys: AgentKey[] }
export interface AgentState { version: string; tokens: AgentToken[]; trouble: string | null }
interface Statement { nonce: string; batch: string; signatures: number; open?: object; digests: string[] }
type Said = { answers: ({ signature: string } | { trouble: string })[] } | { trouble: string; last: boolean };

/** What is needed of the world; a test brings its own. */
export interface Ways {
  get: <T>(path: string) => Promise<T>;
  getMaybe: <T>(path: string, signal: AbortSignal) => Promise<T | null>;
  send: (method: "POST", path: string, body: unknown) => Promise<unknown>;
  fetch: typeof fetch;
}
const HERE: Ways = { get, getMaybe, send, fetch: (input, init) => fetch(input, init) };

async function agentCall<T>(ways: Ways, url: string, body?: unknown): Promise<T> {
  const post = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await ways.fetch(url, { mode: "cors", credentials: "omit", cache: "no-store", ...post }).catch(() => null);
  // A page of a server that the agent is not paired with may not even read the refusal.
  if (!response) throw new AgentError("agentAway");
  if (response.ok) return (await response.json()) as T;
  const { code } = (await response.json().catch(() => ({}))) as { code?: string };
  throw new AgentError(code === "statement-over" ? "agentClock" : "agentStrange");
}

export const agentState = (address: string, ways: Ways = HERE) => agentCall<AgentState>(ways, `${address}/v1/state`);

/** Before anything is asked of the server: what would fail anyway is said at once, and costs no try. */
async function ready(address: string, ways: Ways): Promise<void> {
  const state = await agentState(address, ways);
  if (state.trouble) throw new AgentError("agentNoDriver");
  if (state.tokens.length === 0) throw new AgentError("agentNoToken");
  if (state.tokens.every((token) => token.locked)) throw new AgentError("agentLocked");
}

/** Does `act`, which asks the server to sign, and carries what it asks for until `act` has its answer. */
export async function withToken(pin: string, act: () => Promise<void>, tell: (done: number, most: number) => void, ways: Ways = HERE): Promise<void> {
  const { address } = await ways.get<SignAgent>("/signing/agent");
  await ready(address, ways);
  const stop = new AbortController();
  const batches = new Set<string>();
  let [done, mine] = [0, null as AgentError | null];
  const carry = async () => {
    while (!stop.signal.aborted) {
      const sealed = await ways.getMaybe<SealedStatement>("/signing/asked", stop.signal);
      if (!sealed) continue;
      const statement = JSON.parse(sealed.statement) as Statement;
      batches.add(statement.batch);
      // Without the PIN where the token is open: it is typed once, and given once.
      const said = await agentCall<Said>(ways, `${address}/v1/sign`, { ...sealed, pin: statement.open ? pin : null }).catch((error: unknown): Said => {
        if (!(error instanceof AgentError)) throw error;
        mine = error;
        return { trouble: error.trouble === "agentAway" ? "key-unreachable" : "key-refused", last: false };
      });
      await ways.send("POST", "/signing/answers", { nonce: statement.nonce, ...said }).catch((error: unknown) => {
        // Another window carries the same: what it brings counts.
        if (!(error instanceof ApiError && error.code === "not-asked")) throw error;
      });
      // The first one opens the token and is no signature of a sheet.
      if (!statement.open && "answers" in said) tell((done += said.answers.filter((one) => "signature" in one).length), statement.signatures);
      else if (statement.open) tell(done, statement.signatures);
    }
  };
  // Whatever ends the carrying, the server's own answer says what was signed and what was not.
  const carrying = carry().catch(() => undefined);
  try {
    await act();
  } catch (refused) {
    // What this computer knows better than the server that was told of it.
    throw mine && refused instanceof ApiError && refused.code.startsWith("key-") ? mine : refused;
  } finally {
    stop.abort();
    await carrying;
    for (const batch of batches) void agentCall(ways, `${address}/v1/close`, { batch }).catch(() => undefined);
  }
}
