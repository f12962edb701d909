// Two people changed one sheet: what each changed, and my words on top of the newer version.
import type { FormDefinition, FormField } from "@/api/form-definition";
import { fieldsOf, same, type Typed, type TypedForm } from "./typed";

export interface Difference { field: FormField; mine: Typed; theirs: Typed; /** They changed it too. */ clash: boolean }

/** Every field that I changed since `base` and that reads otherwise in theirs. */
export function differences(form: FormDefinition, base: TypedForm, mine: TypedForm, theirs: TypedForm): Difference[] {
  return fieldsOf(form).flatMap((field) => {
    const [was, is, other] = [base[field.name], mine[field.name], theirs[field.name]];
    if (is === undefined || other === undefined || same(is, was) || same(is, other)) return [];
    return [{ field, mine: is, theirs: other, clash: !same(other, was) }];
  });
}
export const onTop = (theirs: TypedForm, chosen: readonly Difference[]): TypedForm => ({ ...theirs, ...Object.fromEntries(chosen.map(({ field, mine }) => [field.name, mine])) });
