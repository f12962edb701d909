import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, send, type KeyHolder, type Role, type UserRow } from "@/api";
import { useCommon } from "@/i18n";
import { birthDate, fullDateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/page.css";
import "@/ui/table.css";
import { Bind } from "./bind";
import { NewUser } from "./new-user";
import { Confirming } from "./confirming";
import { ROLES } from "./roles";
import { TakeBack } from "./take-back";
import { useText } from "./text";

const HOLDERS = { software: "keySoftware", pkcs11: "keyPkcs11", remote: "keyRemote", terminal: "keyTerminal" } as const satisfies Record<KeyHolder, string>;
// Who signs nothing by the table of rights needs no certificate.
const SIGNS_NOTHING: Role[] = ["administrator", "auditor", "record-room", "outsider"];

function certificate({ certificate: held }: UserRow, t: ReturnType<typeof useText>) {
  if (!held) return t("noCertificate");
  if (held.revokedAt) return t("certificateRevoked", { at: fullDateTime(held.revokedAt) });
  return `${t("until", { date: birthDate(held.notAfter.slice(0, 10)) })} · ${t(HOLDERS[held.keyHolder])}`;
}

function authority({ confirming: held }: UserRow, t: ReturnType<typeof useText>) {
  if (!held) return t("noAuthority");
  const of = { capacity: held.capacityText, decision: held.decision };
  return held.until ? t("authorityUntil", { ...of, date: birthDate(held.until.slice(0, 10)) }) : t("authorityOf", of);
}

export function UsersPage() {
  const t = useText();
  const common = useCommon();
  const [adding, setAdding] = useState(false);
  const [disabling, setDisabling] = useState<UserRow | null>(null);
  const [confirming, setConfirming] = useState<UserRow | null>(null);
  const [takingBack, setTakingBack] = useState<UserRow | null>(null);
  const [binding, setBinding] = useState<UserRow | null>(null);
  const [resetting, setResetting] = useState<UserRow | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [said, setSaid] = useState("");
  const found = useQuery({ queryKey: keys.users, queryFn: ({ signal }) => get<UserRow[]>("/users", signal) });
  const done = () => {
    setDisabling(null);
    setTakingBack(null);
    setConfirming(null);
    setBinding(null);
    setResetting(null);
    setAdding(false);
    setError(null);
    void found.refetch();
  };
  const revoke = (user: UserRow) => send("POST", `/users/${user.id}/revoke-sessions`).then(() => { setSaid(t("revoked", { name: user.name })); done(); }, setError);
  const disable = (user: UserRow) => send<UserRow>("POST", `/users/${user.id}/disable`).then(done, setError);
  const enable = (user: UserRow) => send<UserRow>("POST", `/users/${user.id}/enable`).then(done, setError);
  return (
    <>
      <div className="bar"><h1>{t("usersTitle")}</h1><span className="muted" role="status">{said}</span><span className="grow" /><button type="button" className="btn p" onClick={() => setAdding(true)}>{t("addUser")}</button></div>
      <Refusal error={error} />
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data && (
        // Scrolls, so it must take the keyboard's focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className="card tablecard" tabIndex={0} role="region" aria-label={t("usersTitle")}>
          <table className="grid">
            <thead><tr><th scope="col">{t("name")}</th><th scope="col">{t("role")}</th><th scope="col">{t("wards")}</th><th scope="col">{t("lastLogin")}</th><th scope="col" className="num">{t("sessions")}</th><th scope="col">{t("certificate")}</th><th><span className="sr">{t("action")}</span></th></tr></thead>
            <tbody>
              {found.data.map((user) => (
                <tr key={user.id}>
                  <td><b>{user.name}</b> <small>{user.username}</small> {user.disabled && <span className="tag">{t("disabled")}</span>}{user.locked && <span className="tag bad">{t("lockedOut")}</span>}</td>
                  <td>{t(ROLES[user.role])}{user.role === "director" && <><br /><small>{authority(user, t)}</small></>}{(user.hasSecondFactor || user.role === "administrator") && <><br /><small>{t(user.hasSecondFactor ? "factorSet" : "factorMissing")}</small></>}</td><td><small>{user.wards.map((ward) => ward.name).join(", ")}</small></td><td><small>{user.lastLoginAt ? fullDateTime(user.lastLoginAt) : t("none")}</small></td><td className="num">{user.activeSessions}</td>
                  <td><small title={user.certificate?.subject}>{certificate(user, t)}</small></td>
                  <td>
                    <div className="row">
                      {user.activeSessions > 0 && <button type="button" className="btn small" onClick={() => void revoke(user)}>{t("revoke")}</button>}
                      {!user.disabled && !SIGNS_NOTHING.includes(user.role) && <button type="button" className="btn small" onClick={() => setBinding(user)}>{t("bind")}</button>}
                      {user.role === "director" && !user.disabled && <button type="button" className="btn small" onClick={() => setConfirming(user)}>{t("authority")}</button>}
                      {user.certificate && !user.certificate.revokedAt && <button type="button" className="btn small" onClick={() => setTakingBack(user)}>{t("takeBack")}</button>}
                      {user.hasSecondFactor && <button type="button" className="btn small" onClick={() => setResetting(user)}>{t("factorReset")}</button>}
                      {user.disabled && <button type="button" className="btn small" onClick={() => void enable(user)}>{t("enable")}</button>}
                      {!user.disabled && <button type="button" className="btn small danger" onClick={() => setDisabling(user)}>{t("disable")}</button>}
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && <NewUser onClose={() => setAdding(false)} onDone={done} />}
      {confirming && <Confirming user={confirming} onClose={() => setConfirming(null)} onDone={done} />}
      {takingBack && <TakeBack user={takingBack} onClose={() => setTakingBack(null)} onDone={done} />}
      {binding && <Bind user={binding} onClose={() => setBinding(null)} onDone={() => { setSaid(t("bound", { name: binding.name })); done(); }} />}
      {resetting && <ReasonDialog title={t("factorResetAsk", { name: resetting.name })} lead={t("factorResetLead")} label={t("takeBackReason")} action={t("factorReset")} name="reason" missing={t("needReason")} path={`/users/${resetting.id}/reset-second-factor`} onClose={() => setResetting(null)} onDone={() => { setSaid(t("factorResetDone", { name: resetting.name })); done(); }} />}
      {disabling && (
        <Dialog title={t("disableAsk", { name: disabling.name })} onClose={() => setDisabling(null)}>
          <p>{t("disableLead")}</p>
          <div className="actions"><button type="button" className="btn" onClick={() => setDisabling(null)}>{common("cancel")}</button><button type="button" className="btn danger" onClick={() => void disable(disabling)}>{t("disable")}</button></div>
        </Dialog>
      )}
    </>
  );
}
