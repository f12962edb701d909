import type { VitalCode } from "@/api/types";
import { useCommon } from "@/i18n";

/** A vital sign's name; SpO₂ with a real subscript, because the glyph ₂ is in no bundled font. */
export function VitalName({ code }: { code: VitalCode | "bp" }) {
  const t = useCommon();
  if (code === "spo2") return <>SpO<sub>2</sub></>;
  return <>{t(code)}</>;
}
