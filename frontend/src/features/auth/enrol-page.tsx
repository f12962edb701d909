// A session that is good for one thing: whoever must have a second factor sets one up before anything else, on the phone or
// with a security key.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, type OwnFactor, type Session } from "@/api";
import { knowsKeys } from "@/lib/security-key";
import { Failure, Loading } from "@/ui/status";
import { NewKey } from "./new-key";
import { NoKeysHere } from "./own-keys-list";
import { Plate } from "./plate";
import { SecondFactor } from "./second-factor";
import { useKeyText, useText } from "./text";

export function EnrolPage({ onSession, onSwitch }: { onSession: (session: Session) => void; onSwitch: () => void }) {
  const t = useText();
  const k = useKeyText();
  const [way, setWay] = useState<"phone" | "key" | null>(null);
  const found = useQuery({ queryKey: keys.ownFactor, queryFn: ({ signal }) => get<OwnFactor>("/auth/second-factor", signal) });
  const back = () => setWay(null);
  const none = { factor: false, keys: false, onSession, leave: t("back"), onLeave: back };
  if (way === "phone") return <Plate title={t("factorTitle")} hint={t("factorMust")}><SecondFactor {...none} /></Plate>;
  if (way === "key") return <Plate title={k("add")} hint={k("mustKey")}><NewKey {...none} /></Plate>;
  return (
    <Plate title={k("choose")} hint={k("chooseHint")}>
      <div className="stack">
        <button type="button" className="btn p tall" onClick={() => setWay("phone")}>{k("choosePhone")}</button>
        {found.isPending && <Loading />}
        {found.isError && <Failure title={k("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
        {found.data && (found.data.here && knowsKeys() ? <button type="button" className="btn tall" onClick={() => setWay("key")}>{k("chooseKey")}</button> : <NoKeysHere own={found.data} />)}
        <button type="button" className="btn quiet" onClick={onSwitch}>{t("switchUser")}</button>
      </div>
    </Plate>
  );
}
