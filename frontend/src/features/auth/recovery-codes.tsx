// Ten codes on paper for the day on which phone or key is lost, shown this once.
import { useEffect, useRef } from "react";
import { useText } from "./text";
import "./second-factor.css";

export function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  const t = useText();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => list.current?.focus(), []);
  return (
    <div className="stack">
      <p><b>{t("factorDone")}</b></p>
      <p>{t("factorKeep")}</p>
      <ol className="recovery" ref={list} tabIndex={-1} aria-label={t("factorDone")}>
        {codes.map((one) => <li key={one}><code>{one}</code></li>)}
      </ol>
      <div className="row">
        <button type="button" className="btn p tall grow" onClick={onKept}>{t("factorKept")}</button>
        <button type="button" className="btn tall" onClick={() => window.print()}>{t("print")}</button>
      </div>
    </div>
  );
}
