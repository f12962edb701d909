// A session that is good for one thing: whoever must have a second factor sets it up before anything else.
import type { Session } from "@/api";
import { Plate } from "./plate";
import { SecondFactor } from "./second-factor";
import { useText } from "./text";

export function EnrolPage({ onSession, onSwitch }: { onSession: (session: Session) => void; onSwitch: () => void }) {
  const t = useText();
  return (
    <Plate title={t("factorTitle")} hint={t("factorMust")}>
      <SecondFactor renewing={false} onSession={onSession} leave={t("switchUser")} onLeave={onSwitch} />
    </Plate>
  );
}
