// Beside a patient whose record only assigned staff read; and what stands where the diagnosis would be for everybody else.
import { dictionary } from "@/i18n";
import en from "@/i18n/en/restricted";
import vi from "@/i18n/vi/restricted";
import { Icon } from "./icons";

const useText = dictionary(vi, en);

/** Without words where a card has no room for them: the lock is still read out, and told where the mouse rests. */
export function RestrictedTag({ words = true }: { words?: boolean }) {
  const t = useText();
  return <span className="tag lock" title={t("tagTitle")}><Icon name="lock" size={12} /> {words ? t("tag") : <span className="sr">{t("tag")}</span>}</span>;
}

export function Diagnosis({ of }: { of: { diagnosis: string; restricted: boolean } }) {
  const t = useText();
  return of.restricted && !of.diagnosis ? <span className="muted">{t("hidden")}</span> : of.diagnosis;
}
