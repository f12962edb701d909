import { useState, type FormEvent } from "react";
import { useQuery } from "@tanstack/react-query";
import { get, send, type Role, type UserRow, type WardRef } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { OFFERED, ROLES } from "./roles";
import { useText } from "./text";

// Roles that see their own wards alone.
const ON_WARDS: Role[] = ["nurse", "head-nurse"];

export function NewUser({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  // All of the house: an administrator opens none of them, and gives people theirs.
  const wards = useQuery({ queryKey: ["wards"], queryFn: ({ signal }) => get<WardRef[]>("/wards", signal) }).data ?? [];
  const [username, setUsername] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>("nurse");
  const [wardIds, setWardIds] = useState<string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!username.trim() || !name.trim() || !password || (wardIds.length === 0 && ON_WARDS.includes(role))) return setError(new Error(t("needUser")));
    send<UserRow>("POST", "/users", { username: username.trim(), name: name.trim().normalize("NFC"), role, wardIds, password }).then(onDone, setError);
  };
  return (
    <Dialog title={t("addUser")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{t("name")}</span><input type="text" value={name} onChange={(event) => setName(event.target.value)} /></label>
        <label className="field"><span>{t("username")}</span><input type="text" autoComplete="off" autoCapitalize="none" spellCheck={false} value={username} onChange={(event) => setUsername(event.target.value)} /></label>
        <label className="field"><span>{t("password")}</span><input type="password" autoComplete="new-password" value={password} onChange={(event) => setPassword(event.target.value)} /></label>
        <label className="field"><span>{t("role")}</span><select className="box" value={role} onChange={(event) => setRole(event.target.value as Role)}>{OFFERED.map((one) => <option key={one} value={one}>{t(ROLES[one])}</option>)}</select></label>
        <fieldset className="field">
          <legend>{t("wards")}</legend>
          <div className="choices">{wards.map((ward) => <label className="choice" key={ward.id}><input type="checkbox" checked={wardIds.includes(ward.id)} onChange={(event) => setWardIds((was) => (event.target.checked ? [...was, ward.id] : was.filter((id) => id !== ward.id)))} /> {ward.name}</label>)}</div>
        </fieldset>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("create")}</button></div>
      </form>
    </Dialog>
  );
}
