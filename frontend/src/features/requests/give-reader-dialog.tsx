// «Cho đọc trên màn hình»: an account for whoever asked, made here and now or one that they have; it ends with the grant.
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { get, keys, send, type ReaderAccount, type RecordRequest } from "@/api";
import { useCommon } from "@/i18n";
import { useSession } from "@/lib/session";
import { fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Failure, Refusal } from "@/ui/status";
import { firstPassword } from "./first-password";
import { HandOver } from "./hand-over";
import { makeAccount, type NewAccount } from "./make-account";
import { useText } from "./text";
import { usernameFor } from "./username";

const NEW = "";
interface Props { request: RecordRequest; onClose: () => void; onDone: () => void }
export function GiveReaderDialog({ request, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [account, setAccount] = useState(NEW);
  const [username, setUsername] = useState(() => usernameFor(request.name));
  // The same for as long as the dialog stands: after a lost answer it may be of an account that was made.
  const [password] = useState(firstPassword);
  const me = useSession().session.user.id;
  const [handed, setHanded] = useState<NewAccount | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const found = useQuery({ queryKey: keys.requestReaders(request.id), queryFn: ({ signal }) => get<ReaderAccount[]>(`/record-requests/${request.id}/readers`, signal), staleTime: 0 });
  const { decision } = request;
  if (handed) return <HandOver name={request.name} handed={handed} onDone={onDone} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (account === NEW && !username.trim()) return setError(new Error(t("needUsername")));
    const made = { username: username.trim(), password };
    setBusy(true);
    setError(null);
    const given = account === NEW
      ? makeAccount(request.id, made, me).then(({ reader }) => setHanded({ ...made, username: reader?.username ?? made.username }))
      : send<RecordRequest>("POST", `/record-requests/${request.id}/reader`, { user: account }).then(onDone);
    given.catch(setError).finally(() => setBusy(false));
  };
  return (
    <Dialog title={t("giveReaderTitle", { name: request.name })} onClose={() => busy || onClose()}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("giveReaderLead", { what: t(decision?.extent ?? request.extent), until: decision?.until ? fullDateTime(decision.until) : "" })}</p>
        {found.isError && <Failure title={t("readersFailed")} error={found.error} retry={() => void found.refetch()} />}
        {found.data && found.data.length > 0 && (
          <label className="field"><span>{t("account")}</span>
            <select className="box" name="account" value={account} onChange={(event) => { setAccount(event.target.value); setError(null); }}>
              <option value={NEW}>{t("accountNew")}</option>
              {found.data.map((one) => <option key={one.id} value={one.id}>{one.name} ({one.username})</option>)}
            </select>
            {account !== NEW && <small>{t("accountOldHint")}</small>}
          </label>
        )}
        {account === NEW && (
          <label className="field"><span>{t("username")}</span>
            <input type="text" name="username" autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={64} value={username} onChange={(event) => { setUsername(event.target.value); setError(null); }} />
            <small>{t("accountNewHint")}</small>
          </label>
        )}
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" aria-disabled={busy} onClick={() => busy || onClose()}>{common("cancel")}</button><button type="submit" className="btn p" aria-disabled={busy}>{t("giveReader")}</button></div>
      </form>
    </Dialog>
  );
}
