// Logging out takes unsaved words of forms along: asked first, also where another person takes over a locked screen.
import { Dialog } from "@/ui/dialog";
import { useText } from "./text";

export function UnsavedDialog({ sheets, name, onClose, onLogout }: { sheets: number; name: string; onClose: () => void; onLogout: () => void }) {
  const t = useText();
  return (
    <Dialog title={t("unsavedTitle")} onClose={onClose}>
      <p>{t("unsavedLead", { name, n: sheets })}</p>
      <div className="actions">
        <button type="button" className="btn danger" onClick={onLogout}>{t("unsavedOut")}</button>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the safe answer is under Enter */}
        <button type="button" className="btn p" autoFocus onClick={onClose}>{t("unsavedBack")}</button>
      </div>
    </Dialog>
  );
}
