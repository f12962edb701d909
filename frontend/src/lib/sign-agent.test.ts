import { describe, expect, it } from "vitest";
import { ApiError } from "@/api";
import { AgentError, withToken, type Ways } from "./sign-agent";

const TOKEN = { serial: "a1", label: "thẻ", locked: false, keys: [] };
const problem = (code: string) => new ApiError({ type: "", title: "", status: 403, code, detail: code });
const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

/** A server that asks for these, and an agent that answers. */
function desk(asked: object[], agent: (url: string, body: Record<string, unknown>) => Response | Promise<Response>) {
  const seen: { url: string; body: Record<string, unknown> }[] = [];
  const answers: Record<string, unknown>[] = [];
  let all: () => void = () => {};
  const carried = new Promise<void>((resolve) => (all = resolve));
  const queue = [...asked];
  const ways: Ways = {
    get: <T>() => Promise.resolve({ address: "https://127.0.0.1:23443", code: "ABCD-EFGH" } as T),
    getMaybe: <T>(_: string, signal: AbortSignal) => {
      const next = queue.shift();
      if (next) return Promise.resolve({ statement: JSON.stringify(next), seal: "s" } as T);
      return new Promise<T | null>((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    },
    send: (_, __, body) => {
      answers.push(body as Record<string, unknown>);
      if (answers.length === asked.length) all();
      return Promise.resolve();
    },
    fetch: async (input, init) => {
      const body = JSON.parse(String(init?.body ?? "{}")) as Record<string, unknown>;
      seen.push({ url: String(input), body });
      return agent(String(input), body);
    },
  };
  return { ways, seen, answers, carried };
}
const opening = { nonce: "n1", batch: "b1", signatures: 4, open: { key: "a1:01" }, digests: ["00"] };
const next = { nonce: "n2", batch: "b1", signatures: 4, digests: ["01", "02"] };
const signing = (url: string, body: Record<string, unknown>) => {
  if (url.endsWith("/state")) return json({ version: "1", tokens: [TOKEN], trouble: null });
  if (url.endsWith("/close")) return json({});
  const { digests } = JSON.parse(String(body.statement)) as { digests: string[] };
  return json({ answers: digests.map((digest) => ({ signature: `sig-${digest}` })) });
};

describe("a token in this computer", () => {
  it("is opened by its PIN once, signs what is asked, and is closed when all is signed", async () => {
    const { ways, seen, answers, carried } = desk([opening, next], signing);
    const told: string[] = [];
    await withToken("1234", () => carried, (n, most) => told.push(`${n}/${most}`), ways);
    const sent = seen.filter((one) => one.url.endsWith("/sign"));
    expect(sent.map((one) => one.body.pin)).toEqual(["1234", null]);
    expect(answers).toEqual([
      { nonce: "n1", answers: [{ signature: "sig-00" }] },
      { nonce: "n2", answers: [{ signature: "sig-01" }, { signature: "sig-02" }] },
    ]);
    expect(JSON.stringify(answers)).not.toContain("1234");
    expect(told).toEqual(["0/4", "2/4"]);
    await new Promise((resolve) => setTimeout(resolve));
    expect(seen.at(-1)).toEqual({ url: "https://127.0.0.1:23443/v1/close", body: { batch: "b1" } });
  });

  it("is looked for before the server is asked for anything", async () => {
    const act = () => Promise.reject(new Error("the server was asked"));
    const saying = (answer: () => Response | Promise<Response>) => withToken("1", act, () => {}, desk([], answer).ways);
    await expect(saying(() => Promise.reject(new TypeError("refused")))).rejects.toEqual(new AgentError("agentAway"));
    await expect(saying(() => json({ code: "other-origin" }, 403))).rejects.toEqual(new AgentError("agentStrange"));
    await expect(saying(() => json({ tokens: [], trouble: null }))).rejects.toEqual(new AgentError("agentNoToken"));
    await expect(saying(() => json({ tokens: [], trouble: "key-unreachable" }))).rejects.toEqual(new AgentError("agentNoDriver"));
    await expect(saying(() => json({ tokens: [{ ...TOKEN, locked: true }], trouble: null }))).rejects.toEqual(new AgentError("agentLocked"));
  });

  it("that goes away in the middle is told to the server, whose answer counts", async () => {
    const { ways, answers, carried } = desk([opening, next], (url, body) => (url.endsWith("/sign") && String(body.statement).includes("n2") ? Promise.reject(new TypeError("gone")) : signing(url, body)));
    await withToken("1234", () => carried, () => {}, ways);
    expect(answers[1]).toEqual({ nonce: "n2", trouble: "key-unreachable", last: false });
    const wrong = desk([opening], (url, body) => (url.endsWith("/sign") ? json({ trouble: "key-bad-pin", last: true }) : signing(url, body)));
    await expect(withToken("1", () => wrong.carried.then(() => Promise.reject(problem("key-bad-pin"))), () => {}, wrong.ways)).rejects.toEqual(problem("key-bad-pin"));
    expect(wrong.answers).toEqual([{ nonce: "n1", trouble: "key-bad-pin", last: true }]);
    const late = desk([opening], (url, body) => (url.endsWith("/sign") ? json({ code: "statement-over" }, 403) : signing(url, body)));
    await expect(withToken("1", () => late.carried.then(() => Promise.reject(problem("key-refused"))), () => {}, late.ways)).rejects.toEqual(new AgentError("agentClock"));
  });
});
