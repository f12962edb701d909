// The words are put before the person, purpose by purpose; each gets a yes or a no of its own, and nothing is ticked.
import { useState, type FormEvent } from "react";
import { send, type ConsentChannel, type ConsentPurpose, type ConsentSheet } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { ChannelChoice } from "./channel";
import { gapOf, nobodyYet, sent } from "./representative";
import { useText } from "./text";
import { WhoAnswers } from "./who";

interface Props { sheet: ConsentSheet; purposes: readonly ConsentPurpose[]; onClose: () => void; onDone: (sheet: ConsentSheet) => void }

export function AskDialog({ sheet, purposes, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  const [given, setGiven] = useState<Record<string, "agreed" | "refused">>({});
  const [who, setWho] = useState(() => nobodyYet(sheet.answers));
  const [channel, setChannel] = useState<ConsentChannel | null>(null);
  const [place, setPlace] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const open = purposes.filter((purpose) => !given[purpose.code]).length;
    const gap = gapOf(who, sheet.answers);
    if (open > 0) return setError(new Error(t("missing", { n: open })));
    if (gap) return setError(new Error(t(gap)));
    const answers = purposes.map(({ code, textSha256 }) => ({ purpose: code, textSha256, answer: given[code] }));
    const by = { patientAnswers: who.self, representative: sent(who), channel: channel ?? "", paperPlace: place.trim().normalize("NFC") };
    send<ConsentSheet>("POST", `/patients/${sheet.patientId}/consents`, { answers, by }).then(onDone, setError);
  };
  return (
    <Dialog title={t("askTitle")} wide onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        {purposes.map((purpose) => (
          <fieldset key={purpose.code} className="field asked">
            <legend>{purpose.title} {purpose.sensitive && <span className="tag warn">{t("sensitive")}</span>}</legend>
            <p className="words">{purpose.text}</p>
            <div className="choices">
              {(["agreed", "refused"] as const).map((answer) => (
                <label key={answer} className="choice"><input type="radio" name={purpose.code} value={answer} checked={given[purpose.code] === answer} onChange={() => { setGiven({ ...given, [purpose.code]: answer }); setError(null); }} /> {t(answer === "agreed" ? "yes" : "no")}</label>
              ))}
            </div>
          </fieldset>
        ))}
        <WhoAnswers answers={sheet.answers} value={who} change={setWho} />
        <ChannelChoice channel={channel} place={place} change={(how, where) => { setChannel(how); setPlace(where); }} />
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn p">{t("save")}</button></div>
      </form>
    </Dialog>
  );
}
