// What a sheet still waits for, each a way to its field.
import { Link } from "wouter";
import type { Fault, FormDefinition } from "@/api";
import { fieldsOf } from "./typed";
import { useText } from "./text";

const SHOWN = 8;

/** A field by its label, a cell by its row and column: what was asked, not the server's whole sentence. */
function nameOf(form: FormDefinition, { place, sentence }: Fault): string {
  const [name, row, column] = place.split("/");
  const field = fieldsOf(form).find((one) => one.name === name);
  if (!field) return sentence;
  const inner = field.columns?.find((one) => one.name === column);
  return inner ? `${field.label} · ${Number(row) + 1} · ${inner.label}` : field.label;
}

interface Props { definition: FormDefinition; title: string; faults: readonly Fault[]; link?: ((place: string) => string) | null; jump?: (place: string) => void; loud?: boolean }
export function Missing({ definition, title, faults, link = null, jump, loud = false }: Props) {
  const t = useText();
  return (
    <section className={loud ? "missing loud" : "missing"}>
      <h3>{title} <b>{faults.length}</b></h3>
      <ul>
        {faults.slice(0, SHOWN).map((fault) => (
          <li key={fault.place}>
            {jump && <button type="button" className="btn quiet" onClick={() => jump(fault.place)}>{nameOf(definition, fault)}</button>}
            {!jump && link && <Link href={link(fault.place)}>{nameOf(definition, fault)}</Link>}
            {!jump && !link && nameOf(definition, fault)}
          </li>
        ))}
      </ul>
      {faults.length > SHOWN && <p className="muted">{t("moreGaps", { n: faults.length - SHOWN })}</p>}
    </section>
  );
}
