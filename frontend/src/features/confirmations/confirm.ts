// Many records with one PIN: in portions, so that the screen tells how far it is and one that fails does not hold the rest.
import { send, type Confirmed } from "@/api";

/** Records of one request: some seconds of work on the server. */
const PORTION = 20;

export async function confirmAll(ids: readonly string[], pin: string, tell: (done: number) => void, post: typeof send = send): Promise<Confirmed> {
  const all: Confirmed = { confirmed: [], failed: [] };
  for (let from = 0; from < ids.length; from += PORTION) {
    const encounterIds = ids.slice(from, from + PORTION);
    try {
      const some = await post<Confirmed>("POST", "/confirmations", { encounterIds, pin });
      all.confirmed.push(...some.confirmed);
      all.failed.push(...some.failed);
    } catch (refused) {
      // A wrong PIN at the start is said in the dialog. Later, what is confirmed stays confirmed and must be told.
      if (from === 0) throw refused;
      const detail = refused instanceof Error ? refused.message : String(refused);
      all.failed.push(...ids.slice(from).map((encounterId) => ({ encounterId, code: "cut-off", detail })));
      return all;
    }
    tell(Math.min(from + PORTION, ids.length));
  }
  return all;
}
