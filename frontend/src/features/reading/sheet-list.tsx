// The sheets of the record, in the server's order: what each is, when it was written and who signed it.
import type { ReadingSheet } from "@/api";
import { fullDateTime } from "@/lib/time";
import { useText } from "./text";

interface Props { sheets: readonly ReadingSheet[]; current: string | undefined; open: (sheet: ReadingSheet) => void }
export function SheetList({ sheets, current, open }: Props) {
  const t = useText();
  return (
    <nav aria-label={t("sheets")}>
      <ul className="picklist">
        {sheets.map((sheet) => (
          <li key={sheet.documentId}>
            <button type="button" aria-current={sheet.documentId === current ? "page" : undefined} onClick={() => open(sheet)}>
              <b>{sheet.title}</b>
              <small>{fullDateTime(sheet.writtenAt)} · {sheet.signedBy.length > 0 ? t("signedBy", { names: sheet.signedBy.join(", ") }) : t("notSigned")}</small>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
