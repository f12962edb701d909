// How it was answered: here, or by ink on paper whose place is noted.
import type { ConsentChannel } from "@/api";
import { useText } from "./text";

interface Props { channel: ConsentChannel | null; place: string; change: (channel: ConsentChannel | null, place: string) => void }

export function ChannelChoice({ channel, place, change }: Props) {
  const t = useText();
  return (
    <fieldset className="field">
      <legend>{t("channel")}</legend>
      <div className="choices">
        {(["desk", "paper"] as const).map((one) => <label key={one} className="choice"><input type="radio" name="channel" checked={channel === one} onChange={() => change(one, place)} /> {t(one)}</label>)}
      </div>
      {channel === "paper" && <label className="field"><span>{t("paperPlace")}</span><input type="text" name="paperPlace" maxLength={200} autoComplete="off" value={place} onChange={(event) => change(channel, event.target.value)} /><small>{t("paperHint")}</small></label>}
    </fieldset>
  );
}
