// Asks before a link or a closed window takes one away from words that are not saved.
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { Dialog } from "@/ui/dialog";
import { useText } from "./text";

export function LeaveGuard({ save }: { save: () => Promise<boolean> }) {
  const t = useText();
  const [, go] = useLocation();
  const [to, setTo] = useState<string | null>(null);
  useEffect(() => {
    const unload = (event: BeforeUnloadEvent) => event.preventDefault();
    // Before the router hears the click.
    const click = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download") || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      if (link.origin !== location.origin || (link.pathname === location.pathname && link.hash)) return;
      event.preventDefault();
      event.stopPropagation();
      setTo(link.pathname + link.hash);
    };
    addEventListener("beforeunload", unload);
    document.addEventListener("click", click, true);
    return () => {
      removeEventListener("beforeunload", unload);
      document.removeEventListener("click", click, true);
    };
  }, []);
  if (to === null) return null;
  const saveAndGo = () => void save().then((saved) => (saved ? go(to) : setTo(null)));
  return (
    <Dialog title={t("leaveTitle")} onClose={() => setTo(null)}>
      <p>{t("leaveLead")}</p>
      <div className="actions">
        <button type="button" className="btn" onClick={() => setTo(null)}>{t("stay")}</button>
        <button type="button" className="btn" onClick={() => go(to)}>{t("leaveAnyway")}</button>
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the safe answer is under Enter */}
        <button type="button" className="btn p" autoFocus onClick={saveAndGo}>{t("saveAndLeave")}</button>
      </div>
    </Dialog>
  );
}
