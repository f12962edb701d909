// Somebody saved a newer version meanwhile: who, and for each of my words whether it takes the place of theirs.
import { useState, type FormEvent } from "react";
import type { FormField } from "@/api";
import { clockTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import "@/ui/table.css";
import { useText, type FormText } from "./text";
import { codesIn, diagnosisIn, isBlank, rowsIn, wordsIn, type Typed } from "./typed";
import type { Difference } from "./merge";
import type { Conflict } from "./use-editing";

/** A field's words to read and to copy. */
function shown(t: FormText, field: FormField, typed: Typed): string {
  if (isBlank(typed)) return t("blank");
  const option = (code: string) => field.options?.find((one) => one.code === code)?.label ?? code;
  switch (field.kind) {
    case "check":
      return "✓";
    case "choice":
      return option(wordsIn(typed));
    case "choices":
      return codesIn(typed).map(option).join(", ");
    case "diagnosis": {
      const { text, code } = diagnosisIn(typed);
      return [text, code].filter(Boolean).join(" · ");
    }
    case "table":
      return rowsIn(typed).map((row) => (field.columns ?? []).map((column) => row[column.name]).filter((cell) => !isBlank(cell)).map((cell) => (typeof cell === "string" ? cell : "✓")).join(" · ")).join("\n");
    default:
      return wordsIn(typed);
  }
}

export function StaleDialog({ conflict: { theirs, items }, onClose, onGoOn }: { conflict: Conflict; onClose: () => void; onGoOn: (chosen: readonly Difference[]) => void }) {
  const t = useText();
  const { entry } = theirs;
  // What only I changed is mine by default; where both wrote, theirs stands until somebody says otherwise.
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(items.filter((item) => !item.clash).map((item) => item.field.name)));
  const toggle = (name: string) => setChosen((was) => new Set(was.has(name) ? [...was].filter((one) => one !== name) : [...was, name]));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onGoOn(items.filter((item) => chosen.has(item.field.name)));
  };
  return (
    <Dialog title={t("staleTitle")} onClose={onClose} wide>
      <form className="stack" onSubmit={submit}>
        <p>{t("staleLead", { name: entry.author.name, n: entry.version, time: clockTime(entry.recordedAt) })}</p>
        {items.length === 0 ? <p>{t("staleSame")}</p> : (
          // A long list scrolls, so it must take the keyboard's focus.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          <div className="stalelist" tabIndex={0} role="region" aria-label={t("compare")}>
            <table className="grid">
              <thead><tr><th scope="col">{t("field")}</th><th scope="col">{t("theirs")}</th><th scope="col">{t("mine")}</th></tr></thead>
              <tbody>
                {items.map(({ field, mine, theirs: other, clash }) => (
                  <tr key={field.name}>
                    <th scope="row">{field.label} {clash && <span className="tag warn">{t("clash")}</span>}</th>
                    <td>{shown(t, field, other)}</td>
                    <td><label className="choice"><input type="checkbox" aria-label={t("takeMine", { field: field.label })} checked={chosen.has(field.name)} onChange={() => toggle(field.name)} /> <span>{shown(t, field, mine)}</span></label></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {/* eslint-disable-next-line jsx-a11y/no-autofocus -- the way on; nothing is saved by it */}
        <div className="actions"><button type="submit" className="btn p" autoFocus>{t("goOn")}</button></div>
      </form>
    </Dialog>
  );
}
