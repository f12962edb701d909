import { dictionary } from "@/i18n";
import vi from "@/i18n/vi/attention";

export const useText = dictionary(vi);

type Words = keyof typeof vi;
/** What happened, and what to do: a kind that this page does not know yet is shown all the same. */
export function wordsOf(kind: string): { title: Words; todo: Words } {
  const known = (key: string): key is Words => key in vi;
  const [title, todo] = [kind, `${kind}-do`];
  return known(title) && known(todo) ? { title, todo } : { title: "other", todo: "other-do" };
}
