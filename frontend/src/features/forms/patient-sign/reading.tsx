// The sheet's words for whoever signs it, large enough for tired eyes: what was filled in, and what is consented to.
import type { FilledForm, FormField } from "@/api";
import type { FormCell, FormValue } from "@/api/form-definition";
import { birthDate, fullDateTime } from "@/lib/time";
import { useText } from "./text";
import { written } from "../typed";

function answer(field: FormField, value: FormCell, yes: string): string {
  const label = (code: string) => field.options?.find((one) => one.code === code)?.label ?? code;
  if (value === true) return yes;
  if (Array.isArray(value)) return value.map(label).join("; ");
  if (typeof value === "number") return `${written(value)} ${field.unit_label ?? field.unit ?? ""}`.trim();
  if (typeof value === "object") return "systolic" in value ? `${value.systolic}/${value.diastolic} mmHg` : [value.text, value.code && `(${value.code})`].filter(Boolean).join(" ");
  if (field.kind === "choice") return label(value);
  if (field.kind === "date") return birthDate(value);
  return field.kind === "instant" ? fullDateTime(value) : value;
}

function Answer({ field, value }: { field: FormField; value: FormValue }) {
  const t = useText();
  if (field.kind !== "table" || !Array.isArray(value)) return <>{answer(field, value as FormCell, t("yes"))}</>;
  const columns = field.columns ?? [];
  return (
    <ul>
      {value.map((row, at) => typeof row === "object" && (
        // Rows of a stored version never change their places.
        <li key={at}>{columns.flatMap((column) => { const cell = row[column.name]; return cell === undefined ? [] : [`${column.label}: ${answer(column, cell, t("yes"))}`]; }).join(" · ")}</li>
      ))}
    </ul>
  );
}

export function Reading({ filled: { definition, values } }: { filled: FilledForm }) {
  const t = useText();
  const sections = definition.sections.filter((section) => section.text || section.fields.some((field) => values[field.name] !== undefined));
  return (
    <>
      {sections.length === 0 && <p>{t("none")}</p>}
      {sections.map((section) => (
        <section key={section.name}>
          {section.label && <h2>{section.label}</h2>}
          {section.text && <p>{section.text}</p>}
          <dl>
            {section.fields.flatMap((field) => {
              const value = values[field.name];
              return value === undefined ? [] : [<div key={field.name}><dt>{field.label}</dt><dd><Answer field={field} value={value} /></dd></div>];
            })}
          </dl>
        </section>
      ))}
    </>
  );
}
