// The pages of a scan, one at a time, as the server drew them: the file itself never runs in a browser.
import { useState } from "react";
import { BASE, type PaperScan } from "@/api";
import { useText } from "./text";

export function Pictures({ scan }: { scan: PaperScan }) {
  const t = useText();
  const [at, setAt] = useState(0);
  const [broken, setBroken] = useState(false);
  const file = <a href={`${BASE}/paper-scans/${scan.id}/file`}>{t("openFile")}</a>;
  if (scan.pictures === 0 || broken) return <p className="muted">{t("noPicture")} {file}</p>;
  return (
    <div className="scanpages">
      {/* Scrolls, so it must take the keyboard's focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="scanpage" tabIndex={0} role="region" aria-label={t("picture", { n: at + 1 })}><img src={`${BASE}/paper-scans/${scan.id}/pictures/${at}`} alt={t("picture", { n: at + 1 })} onError={() => setBroken(true)} /></div>
      <p className="row wrap">
        {scan.pictures > 1 && (
          <>
            <button type="button" className="btn small" aria-disabled={at === 0} onClick={() => setAt(Math.max(0, at - 1))}>{t("before")}</button>
            <span>{t("pictureOf", { n: at + 1, all: scan.pictures })}</span>
            <button type="button" className="btn small" aria-disabled={at + 1 === scan.pictures} onClick={() => setAt(Math.min(scan.pictures - 1, at + 1))}>{t("next")}</button>
          </>
        )}
        {file}
      </p>
    </div>
  );
}
