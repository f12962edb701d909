// «Thẻ ký ở máy này»: whether the signing agent runs in this computer, which tokens it sees, and how it is set up.
import { useState } from "react";
import { get, type SignAgent } from "@/api";
import { useCommon } from "@/i18n";
import { AgentError, agentState, type AgentToken } from "@/lib/sign-agent";
import { useSession } from "@/lib/session";
import { Refusal } from "@/ui/status";
import "./own-token.css";
import { useText } from "./text";

interface Looked { agent: SignAgent; tokens: AgentToken[] | null; trouble: AgentError | null }

async function look(): Promise<Looked> {
  const agent = await get<SignAgent>("/signing/agent");
  try {
    const { tokens, trouble } = await agentState(agent.address);
    return { agent, tokens, trouble: trouble ? new AgentError("agentNoDriver") : null };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return { agent, tokens: null, trouble: error };
  }
}

export function OwnToken() {
  const t = useText();
  const common = useCommon();
  const { session } = useSession();
  const [seen, setSeen] = useState<Looked | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  if (!session.hasCertificate && session.keyHolder === null) return null;
  const again = () => {
    setBusy(true);
    setError(null);
    void look().then(setSeen, setError).finally(() => setBusy(false));
  };
  return (
    <section className="stack" aria-labelledby="token-title">
      <h3 id="token-title">{t("tokenHere")}</h3>
      {!seen && <p className="muted">{t(session.keyHolder === "terminal" ? "tokenYours" : "tokenHint")}</p>}
      <div role="status">
        {busy && <p className="working">{t("tokenLooking")}</p>}
        {seen?.trouble && <p className="refusal">{seen.trouble.trouble === "agentAway" ? t("tokenAway") : common(seen.trouble.trouble)}</p>}
        {seen?.tokens && seen.tokens.length === 0 && !seen.trouble && <p>{t("tokenNone")}</p>}
        {seen?.tokens?.map((token) => (
          <p key={token.serial}><b>{token.label}</b> {token.locked && <span className="tag bad">{t("tokenLocked")}</span>} <small>{token.keys.map((one) => `${one.subject ?? one.label} · ${one.key}`).join("; ")}</small></p>
        ))}
      </div>
      {seen?.trouble && <SetUp code={seen.agent.code} address={seen.agent.address} />}
      <Refusal error={error} />
      <div className="row"><button type="button" className="btn" aria-disabled={busy} onClick={() => busy || again()}>{t(seen ? "tokenAgain" : "tokenLook")}</button></div>
    </section>
  );
}

function SetUp({ code, address }: { code: string; address: string }) {
  const t = useText();
  return (
    <ol className="stack steps">
      <li>{t("tokenPair")}<br /><code>benhan sign-agent pair --server {location.origin} --ca-file ca.pem --module …</code></li>
      <li>{t("tokenCode")} <b><code>{code}</code></b></li>
      <li>{t("tokenTrust")} <a href={`${address}/`} target="_blank" rel="noreferrer">{address}</a></li>
      <li>{t("tokenRun")} <code>benhan sign-agent</code></li>
    </ol>
  );
}
