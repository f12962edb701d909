// What locks the kits from now on: for the house, or for one ward in its place. It is never shown again.
import { useState, type FormEvent } from "react";
import { send, type Downtime, type WardRef } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { useText } from "./text";

interface Props { ward: WardRef | null; own: boolean; onClose: () => void; onDone: () => void }

export function PasswordDialog({ ward, own, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (value: string | null) => send<Downtime>("POST", "/downtime/password", { wardId: ward?.id ?? null, password: value }).then(onDone, setError);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void set(password);
  };
  return (
    <Dialog title={t("kitPasswordTitle", { place: ward?.name ?? t("house") })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p className="muted">{t("kitPasswordLead")}</p>
        <label className="field"><span>{t("kitPassword")}</span><input type={shown ? "text" : "password"} name="kit-password" autoComplete="new-password" autoCapitalize="none" spellCheck={false} maxLength={64} value={password} onChange={(event) => setPassword(event.target.value)} /></label>
        <label className="choice"><input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} /> {t("kitPasswordShow")}</label>
        <Refusal error={error} />
        <div className="actions">
          {ward && own && <button type="button" className="btn" onClick={() => void set(null)}>{t("kitPasswordHouse")}</button>}
          <button type="button" className="btn" onClick={onClose}>{common("cancel")}</button>
          <button type="submit" className="btn p">{t("kitPasswordSet")}</button>
        </div>
      </form>
    </Dialog>
  );
}
