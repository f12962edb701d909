// Gắn chứng thư: where a signer's key is, when the server does not hold it. What was found is shown before it is bound.
import { useQuery } from "@tanstack/react-query";
import { useState, type SyntheticEvent } from "react";
import { get, send, type CertificateFound, type SignAgent, type TokenRow, type UserRow } from "@/api";
import { useCommon } from "@/i18n";
import { AgentError, agentState, type AgentToken } from "@/lib/sign-agent";
import { birthDate } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

const WHERE = { pkcs11: "bindToken", remote: "bindRemote", terminal: "bindTerminal" } as const;
const PROOF = { signed: "bindSigned", shown: "bindShown", "not-yet": "bindNotYet" } as const;
type Where = keyof typeof WHERE;

export function Bind({ user, onClose, onDone }: { user: UserRow; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [where, setWhere] = useState<Where>("pkcs11");
  const [reference, setReference] = useState("");
  const [pem, setPem] = useState("");
  const [pin, setPin] = useState("");
  const [found, setFound] = useState<CertificateFound | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // Whatever is changed must be looked at again.
  const changed = (change: () => void) => { change(); setFound(null); setError(null); };
  const body = { pem, keyHolder: where, keyReference: reference.trim(), pin: pin || null };
  const path = `/users/${user.id}/certificate`;
  const wait = async (work: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    await work().catch(setError);
    setBusy(false);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (busy) return;
    if (!reference.trim() || !pem.trim()) return setError(new Error(t("bindNeed")));
    void wait(async () => {
      if (!found) return setFound(await send<CertificateFound>("POST", `${path}/check`, body));
      // The PIN has done its work; it is not given twice.
      await send<UserRow>("POST", path, { ...body, pin: found.proof === "signed" ? null : body.pin });
      onDone();
    });
  };
  return (
    <Dialog title={t("bindTitle", { name: user.name })} onClose={() => busy || onClose()} wide>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("bindLead")}</p>
        <label className="field"><span>{t("bindWhere")}</span>
          <select className="box" value={where} onChange={(event) => changed(() => { setWhere(event.target.value as Where); setReference(""); })}>
            {Object.entries(WHERE).map(([value, words]) => <option key={value} value={value}>{t(words)}</option>)}
          </select>
        </label>
        {where !== "remote" && <Tokens key={where} where={where} chosen={reference} onChoose={(key, lies) => changed(() => { setReference(key); if (lies) setPem(lies); })} />}
        {where !== "pkcs11" && (
          <label className="field"><span>{t(where === "remote" ? "bindCredential" : "bindSerial")}</span>
            <input type="text" autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={256} value={reference} onChange={(event) => changed(() => setReference(event.target.value))} />
            <small>{t(where === "remote" ? "bindCredentialHint" : "bindSerialHint")}</small>
          </label>
        )}
        <label className="field"><span>{t("bindPem")}</span>
          <textarea rows={2} spellCheck={false} value={pem} onChange={(event) => changed(() => setPem(event.target.value))} />
          <small>{t("bindPemHint")}</small>
        </label>
        <label className="field"><span>{t("bindFile")}</span><input type="file" accept=".pem,.crt,.cer" onChange={(event) => { const file = event.target.files?.[0]; if (file) void file.text().then((text) => changed(() => setPem(text)), setError); }} /></label>
        {where !== "terminal" && (
          <label className="field"><span>{t("bindPin")}</span>
            <input type="password" autoComplete="off" maxLength={64} value={pin} onChange={(event) => changed(() => setPin(event.target.value))} />
            <small>{t("bindPinHint")}</small>
          </label>
        )}
        {found && <Found found={found} user={user} />}
        <Refusal error={error} />
        <p role="status" className={busy ? "working" : "sr"}>{busy ? t("bindChecking") : ""}</p>
        <div className="actions">
          <button type="button" className="btn" aria-disabled={busy} onClick={() => busy || onClose()}>{common("cancel")}</button>
          <button type="submit" className="btn p" aria-disabled={busy}>{t(found ? "bind" : "bindCheck")}</button>
        </div>
      </form>
    </Dialog>
  );
}

/** In the server, or in the computer at which the administrator sits: the owner brings the token along. */
const SOURCES = {
  pkcs11: (signal: AbortSignal) => get<TokenRow[]>("/tokens", signal),
  terminal: async (signal: AbortSignal) => (await agentState((await get<SignAgent>("/signing/agent", signal)).address)).tokens,
};

function Tokens({ where, chosen, onChoose }: { where: keyof typeof SOURCES; chosen: string; onChoose: (key: string, pem: string | null) => void }) {
  const t = useText();
  const common = useCommon();
  const seen = useQuery({ queryKey: ["tokens", where], queryFn: ({ signal }): Promise<AgentToken[]> => SOURCES[where](signal), retry: false, gcTime: 0 });
  const keys = (seen.data ?? []).flatMap((token) => token.keys.map((key) => ({ ...key, token })));
  const choose = (key: string) => onChoose(key, keys.find((one) => one.key === key)?.pem ?? null);
  return (
    <div className="field">
      <span id="token-key-label">{t("bindKey")}</span>
      <div className="row">
        <select id="token-key" aria-labelledby="token-key-label" className="box" value={chosen} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("bindKeyPick")}</option>
          {keys.map(({ key, label, subject, token }) => <option key={key} value={key}>{`${token.label}${token.locked ? ` (${t("bindLocked")})` : ""} · ${subject ?? label} · ${key}`}</option>)}
        </select>
        <button type="button" className="btn small" onClick={() => void seen.refetch()}>{t("bindLookAgain")}</button>
      </div>
      {seen.isSuccess && keys.length === 0 && <small>{where === "terminal" ? common("agentNoToken") : t("bindNoToken")}</small>}
      {seen.error instanceof AgentError ? <small>{t("bindNoAgent")}</small> : <Refusal error={seen.error} />}
    </div>
  );
}

function Found({ found, user }: { found: CertificateFound; user: UserRow }) {
  const t = useText();
  const same = found.name.normalize("NFC").toLocaleLowerCase("vi") === user.name.normalize("NFC").toLocaleLowerCase("vi");
  return (
    <div className="card stack" role="status">
      <dl className="facts">
        <dt>{t("bindFoundName")}</dt><dd><b>{found.name}</b> <small>{found.subject}</small></dd>
        <dt>{t("bindFoundPath")}</dt><dd>{found.path.join(" ← ")}</dd>
        <dt>{t("bindFoundUntil")}</dt><dd>{birthDate(found.notBefore.slice(0, 10))} – {birthDate(found.notAfter.slice(0, 10))}</dd>
        <dt>{t("bindFoundKey")}</dt><dd>{t(PROOF[found.proof], { algorithm: found.algorithm })}</dd>
      </dl>
      {!same && <p className="warn">{t("bindOtherName")}</p>}
    </div>
  );
}
