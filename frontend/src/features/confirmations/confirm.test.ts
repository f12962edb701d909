import { describe, expect, it } from "vitest";
import { confirmAll } from "./confirm";

const ids = (n: number) => Array.from({ length: n }, (_, at) => `e${at}`);
const yes = (of: readonly string[]) => ({ confirmed: of.map((encounterId) => ({ encounterId, documentId: "d", version: 1, signatures: 2 })), failed: [] });

describe("confirming many records", () => {
  it("goes in portions and tells how far it is", async () => {
    const told: number[] = [];
    const post = async (_: string, __: string, body: unknown) => yes((body as { encounterIds: string[] }).encounterIds) as never;
    const answer = await confirmAll(ids(45), "141592", (done) => told.push(done), post);
    expect(told).toEqual([20, 40, 45]);
    expect(answer.confirmed).toHaveLength(45);
  });
  it("keeps what is confirmed when the server goes away, and leaves a wrong PIN to the dialog", async () => {
    let calls = 0;
    const cut = async (_: string, __: string, body: unknown) => {
      calls += 1;
      if (calls === 2) throw new Error("mất kết nối");
      return yes((body as { encounterIds: string[] }).encounterIds) as never;
    };
    const answer = await confirmAll(ids(30), "141592", () => {}, cut);
    expect([answer.confirmed.length, answer.failed.length, answer.failed[0]?.detail]).toEqual([20, 10, "mất kết nối"]);
    const wrong = async () => { throw new Error("sai PIN"); };
    await expect(confirmAll(ids(3), "000000", () => {}, wrong)).rejects.toThrow("sai PIN");
  });
});
