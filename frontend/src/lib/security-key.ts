// What the browser does with a security key (WebAuthn), in the words of the API: base64url, and troubles that have a name.
import type { KeyAnswered, KnownKey, SecurityKeyAsked, SecurityKeyOffer } from "@/api";

/** Why a key did not answer, as the dictionary calls it. */
export type Trouble = "keyGaveUp" | "keyKnown" | "keyUnfit" | "keyAway";
export class KeyError extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

/** Whether this browser knows security keys at all: it hides them on a page that is not safe. */
export const knowsKeys = (): boolean => typeof PublicKeyCredential === "function";

export const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
export const toBase64Url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const described = ({ id, transports }: KnownKey): PublicKeyCredentialDescriptor => ({
  type: "public-key",
  id: fromBase64Url(id),
  ...(transports.length > 0 && { transports: transports as AuthenticatorTransport[] }),
});

/** Waits for a touch. Given up by the person, by the browser's time or by `signal`: the browser does not say which. */
async function asking<T extends AuthenticatorResponse>(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential & { response: T }> {
  if (!knowsKeys()) throw new KeyError("keyAway");
  try {
    const credential = await ask();
    if (credential instanceof PublicKeyCredential) return credential as PublicKeyCredential & { response: T };
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    throw new KeyError(name === "InvalidStateError" ? "keyKnown" : name === "NotSupportedError" || name === "ConstraintError" ? "keyUnfit" : name === "SecurityError" ? "keyAway" : "keyGaveUp");
  }
  throw new KeyError("keyGaveUp");
}

export async function answerOf(asked: SecurityKeyAsked, signal?: AbortSignal): Promise<KeyAnswered> {
  const { rawId, response } = await asking<AuthenticatorAssertionResponse>(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: fromBase64Url(asked.challenge),
        rpId: asked.host,
        allowCredentials: asked.keys.map(described),
        userVerification: "preferred",
        timeout: asked.standsSeconds * 1000,
      },
      ...(signal && { signal }),
    }),
  );
  return {
    credentialId: toBase64Url(rawId),
    clientData: toBase64Url(response.clientDataJSON),
    authenticatorData: toBase64Url(response.authenticatorData),
    signature: toBase64Url(response.signature),
    ...(response.userHandle && { userHandle: toBase64Url(response.userHandle) }),
  };
}

export interface MadeKey { clientData: string; attestation: string; transports: string[] }
export async function makeKey(offer: SecurityKeyOffer): Promise<MadeKey> {
  const { response } = await asking<AuthenticatorAttestationResponse>(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: fromBase64Url(offer.challenge),
        rp: { id: offer.host, name: offer.house },
        user: { id: fromBase64Url(offer.userId), name: offer.username, displayName: offer.name },
        pubKeyCredParams: offer.algorithms.map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: offer.known.map(described),
        authenticatorSelection: { residentKey: "discouraged", userVerification: "preferred" },
        attestation: "none",
        timeout: offer.standsSeconds * 1000,
      },
    }),
  );
  return { clientData: toBase64Url(response.clientDataJSON), attestation: toBase64Url(response.attestationObject), transports: response.getTransports() };
}
