// In place of a chart of another ward, for a doctor who is not named in it: calmly, because it is no fault; with the ways there are from here.
import { useCommon } from "@/i18n";
import { Icon } from "@/ui/icons";
import { useText } from "./text";

export function NotNamed({ openUrgently, retry }: { openUrgently: () => void; retry: () => void }) {
  const t = useText();
  const common = useCommon();
  return (
    <div className="status closed-chart">
      <Icon name="lock" size={28} />
      <h1 className="bigname">{t("closedTitle")}</h1>
      <p>{t("closedHint")}</p>
      <p>{t("closedUrgent")}</p>
      <button type="button" className="btn" onClick={retry}>{common("retry")}</button> <button type="button" className="btn danger" onClick={openUrgently}>{t("openUrgently")}</button>
    </div>
  );
}
