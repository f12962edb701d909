// Ends a record, with the grounds that keep it for longer as far as the doctor knows of any.
import { useState, type FormEvent } from "react";
import { send, type RecordLife } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { GROUNDS } from "./grounds";
import { Incomplete } from "./incomplete";
import { useText } from "./text";

interface Props { life: RecordLife; onClose: () => void; onDone: () => void }
export function CloseDialog({ life, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [grounds, setGrounds] = useState<readonly string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const known = life.grounds.map((one) => one.code);
  const toggle = (code: string, on: boolean) => setGrounds(on ? [...grounds, code] : grounds.filter((one) => one !== code));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send<RecordLife>("POST", `/encounters/${life.encounterId}/record/close`, { grounds }).then(onDone, setError);
  };
  return (
    <Dialog title={t("closeTitle")} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("closeLead")}</p>
        <fieldset className="field"><legend>{t("closeGrounds")}</legend>
          <div className="choices">{GROUNDS.filter(([code]) => !known.includes(code)).map(([code, name]) => <label className="choice" key={code}><input type="checkbox" checked={grounds.includes(code)} onChange={(event) => toggle(code, event.target.checked)} /> {t(name)}</label>)}</div>
        </fieldset>
        <Incomplete error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("doClose")}</button></div>
      </form>
    </Dialog>
  );
}
