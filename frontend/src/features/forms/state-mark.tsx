// Where a sheet stands, by word and by shape: hollow, half, full, crossed.
import type { FormState } from "@/api";
import { useText } from "./text";

const SHAPES: Record<FormState, { path: string; fill?: string; look: string }> = {
  draft: { path: "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11Z", look: "" },
  "partly-signed": { path: "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11Z", fill: "M8 2.500a5.500 5.500 0 0 0 0 11Z", look: "warn" },
  signed: { path: "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11ZM5.300 8.200l1.900 1.900 3.500-4", look: "good" },
  withdrawn: { path: "M8 2.500a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11ZM5.800 5.800l4.400 4.400M10.200 5.800l-4.400 4.400", look: "" },
};

export function StateMark({ state }: { state: FormState }) {
  const t = useText();
  const { path, fill, look } = SHAPES[state];
  return (
    <span className={`tag statemark ${look}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round">
        <path d={path} />
        {fill && <path d={fill} fill="currentColor" stroke="none" />}
      </svg>
      {t(state)}
    </span>
  );
}
