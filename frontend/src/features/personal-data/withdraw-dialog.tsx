// Taking a consent back is as easy as giving it, and holds at once.
import { useState, type FormEvent } from "react";
import { send, type ConsentChannel, type ConsentPurpose, type ConsentSheet } from "@/api";
import { useCommon } from "@/i18n";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import { ChannelChoice } from "./channel";
import { gapOf, nobodyYet, sent } from "./representative";
import { useText } from "./text";
import { WhoAnswers } from "./who";

interface Props { sheet: ConsentSheet; purpose: ConsentPurpose; onClose: () => void; onDone: (sheet: ConsentSheet) => void }

export function WithdrawDialog({ sheet, purpose, onClose, onDone }: Props) {
  const t = useText();
  const common = useCommon();
  // To withdraw, a child of seven or its representative is enough.
  const answers = sheet.answers === "both" ? "either" : sheet.answers;
  const [who, setWho] = useState(() => nobodyYet(answers));
  const [channel, setChannel] = useState<ConsentChannel | null>(null);
  const [place, setPlace] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const gap = gapOf(who, answers);
    if (gap) return setError(new Error(t(gap)));
    const by = { patientAnswers: who.self, representative: sent(who), channel: channel ?? "", paperPlace: place.trim().normalize("NFC") };
    send<ConsentSheet>("POST", `/patients/${sheet.patientId}/consents/withdraw`, { purpose: purpose.code, by }).then(onDone, setError);
  };
  return (
    <Dialog title={t("withdrawTitle", { title: purpose.title })} wide onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <p>{t("withdrawLead")}</p>
        <WhoAnswers answers={answers} value={who} change={setWho} />
        <ChannelChoice channel={channel} place={place} change={(how, where) => { setChannel(how); setPlace(where); }} />
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("cancel")}</button><button type="submit" className="btn danger">{t("withdraw")}</button></div>
      </form>
    </Dialog>
  );
}
