// That it is still the same person: the password, and where there is a second factor a code or, with none typed, a key.
import { ApiError, send } from "@/api";
import { answerOf } from "@/lib/security-key";

export interface Proof { password: string; code?: string }

/** Sends it; where a key is asked for and no code was typed, waits for a touch and sends again. */
export async function sendProved<T>(path: string, proof: Proof, more: object = {}): Promise<T> {
  const body = { ...more, ...proof };
  try {
    return await send<T>("POST", path, body);
  } catch (refused) {
    const asked = refused instanceof ApiError && refused.code === "second-factor" ? refused.problem.secondFactor?.securityKey : null;
    if (!asked || proof.code) throw refused;
    return send<T>("POST", path, { ...body, securityKey: await answerOf(asked) });
  }
}

/** Without a code that was left empty. */
export const proofOf = (password: string, code: string): Proof => ({ password, ...(code.trim() && { code }) });
