// Makes an account for somebody from outside who is let read on a request.
import { get, send, type RecordRequest } from "@/api";

export interface NewAccount { username: string; password: string }

/** What was sent before and whose answer was lost stands already: its password is known here alone. */
function isMine({ reader }: RecordRequest, username: string, me: string): boolean {
  return reader !== null && reader.endedAt === null && reader.username === username.toLowerCase() && reader.givenBy.id === me;
}

export async function makeAccount(requestId: string, account: NewAccount, me: string): Promise<RecordRequest> {
  try {
    return await send<RecordRequest>("POST", `/record-requests/${requestId}/reader`, account);
  } catch (refused) {
    const now = await get<RecordRequest>(`/record-requests/${requestId}`).catch(() => null);
    if (now && isMine(now, account.username, me)) return now;
    throw refused;
  }
}
