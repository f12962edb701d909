// Locks after the terminal's idle time, with a 20-second warning. Work in another tab of this browser counts as work here.
import { useEffect, useState } from "react";
import { dictionary } from "@/i18n";
import en from "@/i18n/en/login";
import vi from "@/i18n/vi/login";
import { secondsLeft, WARNING_SECONDS } from "@/lib/idle";

const useText = dictionary(vi, en);
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel"] as const;

export function IdleLock({ after, lock }: { after: number; lock: () => void }) {
  const t = useText();
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    let lastWork = Date.now();
    let told = lastWork;
    const tabs = new BroadcastChannel("benhan.work");
    tabs.onmessage = () => (lastWork = Date.now());
    const work = () => {
      lastWork = Date.now();
      setLeft(null);
      if (lastWork - told > 5000) {
        told = lastWork;
        tabs.postMessage(null);
      }
    };
    const timer = setInterval(() => {
      const seconds = secondsLeft(Date.now(), lastWork, after);
      if (seconds <= 0) lock();
      setLeft(seconds <= WARNING_SECONDS ? seconds : null);
    }, 1000);
    SIGNS.forEach((sign) => addEventListener(sign, work, { passive: true }));
    return () => {
      clearInterval(timer);
      SIGNS.forEach((sign) => removeEventListener(sign, work));
      tabs.close();
    };
  }, [after, lock]);
  if (left === null) return null;
  return (
    <div className="idle" role="alert">
      <span>{t("soon", { n: Math.max(left, 0) })}</span>
      <button type="button" className="btn small" onClick={() => setLeft(null)}>{t("stay")}</button>
    </div>
  );
}
