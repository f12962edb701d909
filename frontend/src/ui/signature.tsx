// A signature in words: who, when, by which certificate, and whether it still holds.
import type { SignatureRef } from "@/api/types";
import { useChartText } from "@/i18n/chart";
import { fullDateTime } from "@/lib/time";
import { Icon } from "./icons";
import "./signature.css";

const STATE = { valid: "stateValid", "not-trusted": "stateNotTrusted", revoked: "stateRevoked", broken: "stateBroken" } as const;
const KIND = { valid: "good", "not-trusted": "warn", revoked: "bad", broken: "bad" } as const;

export function SignatureLine({ signature }: { signature: SignatureRef }) {
  const t = useChartText();
  return (
    <details className="signature">
      <summary>
        <Icon name={signature.state === "valid" ? "check" : "warn"} size={16} />
        <span>{t(signature.sealOf ? "sealedBy" : "signedBy", { department: signature.sealOf ?? "", name: signature.signer.name, time: fullDateTime(signature.signedAt) })}</span>
        <span className={`tag ${KIND[signature.state]}`}>{t(STATE[signature.state])}</span>
      </summary>
      <dl>
        <dt>{t("by")}</dt><dd>{signature.subject}</dd>
        <dt>{t("issuer")}</dt><dd>{signature.issuer}</dd>
        <dt>{t("serial")}</dt><dd>{signature.serial}</dd>
        <dt>{t("algorithm")}</dt><dd>{signature.algorithm}</dd>
        <dt>{t("rules")}</dt><dd>{signature.rules ?? t("noRules")}</dd>
      </dl>
    </details>
  );
}
