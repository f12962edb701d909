// A new account as it goes from hand to hand: its first password stands here once, and nowhere afterwards.
import { useState } from "react";
import { Dialog } from "@/ui/dialog";
import type { NewAccount } from "./make-account";
import { useText } from "./text";

/** Esc closes nothing here: the password would be gone. */
const stays = () => undefined;

export function HandOver({ name, handed, onDone }: { name: string; handed: NewAccount; onDone: () => void }) {
  const t = useText();
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(handed.password);
      setSaid(t("copied"));
    } catch {
      // No permission, or no secure connection.
      setSaid(t("notCopied"));
    }
  };
  return (
    <Dialog title={t("handOverTitle", { name })} onClose={stays}>
      <div className="stack">
        <p>{t("handOverLead", { name })}</p>
        <dl className="facts">
          <div><dt>{t("address")}</dt><dd>{location.origin}</dd></div>
          <div><dt>{t("username")}</dt><dd>{handed.username}</dd></div>
          <div><dt>{t("firstPassword")}</dt><dd><code className="bigname">{handed.password}</code></dd></div>
        </dl>
        <div className="row wrap"><button type="button" className="btn" onClick={() => void copy()}>{t("copyPassword")}</button><span className="muted" role="status">{said}</span></div>
        <p>{t("handOverOnce")}</p>
        <div className="actions"><button type="button" className="btn p" onClick={onDone}>{t("handedOver")}</button></div>
      </div>
    </Dialog>
  );
}
