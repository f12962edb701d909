// Pick from the catalogue by name or code, without accents; several ticked items make one order. Enter in the search box
// ticks the first hit, so the keyboard alone is enough.
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type KeyboardEvent } from "react";
import { get, keys, newKey, send, type CatalogItem, type Encounter, type Order } from "@/api";
import { fold } from "@/lib/fold";
import { composing } from "@/lib/hotkey";
import { Icon } from "@/ui/icons";
import { Failure, Refusal } from "@/ui/status";
import "@/ui/forms.css";
import { useText } from "./text";

const SHOWN = 12;

export function NewOrders({ encounter, onPlaced }: { encounter: Encounter; onPlaced: () => void }) {
  const t = useText();
  const catalog = useQuery({ queryKey: keys.catalog, queryFn: ({ signal }) => get<CatalogItem[]>("/catalog", signal), staleTime: 600_000 });
  const [text, setText] = useState("");
  const [codes, setCodes] = useState<string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [key, setKey] = useState(newKey);
  const all = catalog.data ?? [];
  const hits = all.filter((item) => fold(`${item.name} ${item.code} ${item.modality ?? ""}`).includes(fold(text.trim())));
  const chosen = all.filter((item) => codes.includes(item.code));
  const toggle = (code: string) => setCodes((was) => (was.includes(code) ? was.filter((one) => one !== code) : [...was, code]));
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || composing(event) || text.trim() === "") return;
    event.preventDefault();
    if (!hits[0]) return;
    toggle(hits[0].code);
    setText("");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (codes.length === 0) return setError(new Error(t("pickItems")));
    send<Order[]>("POST", `/encounters/${encounter.id}/orders`, { items: codes }, { idempotencyKey: key }).then(() => {
      setCodes([]);
      setError(null);
      setKey(newKey());
      onPlaced();
    }, setError);
  };
  if (catalog.isError) return <Failure title={t("catalogFailed")} error={catalog.error} retry={() => void catalog.refetch()} />;
  return (
    <form className="neworders" onSubmit={submit} noValidate aria-label={t("addOrders")}>
      <label className="field"><span>{t("pickItems")}</span><input type="text" name="catalog" autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} onKeyDown={press} /></label>
      <fieldset className="field">
        <legend className="sr">{t("addOrders")}</legend>
        <div className="catalog">
          {hits.slice(0, SHOWN).map((item) => (
            <label className="choice" key={item.code}><input type="checkbox" checked={codes.includes(item.code)} onChange={() => toggle(item.code)} /> {item.name} <small>{item.modality ?? item.specimenType}</small></label>
          ))}
        </div>
      </fieldset>
      <div className="row wrap chosen">
        {chosen.map((item) => <span key={item.code} className="tag new">{item.name} <button type="button" aria-label={t("remove", { name: item.name })} onClick={() => toggle(item.code)}>×</button></span>)}
        <span className="grow" />
        <Refusal error={error} />
        <button type="submit" className="btn p"><Icon name="plus" size={15} /> {t("placeOrders")}</button>
      </div>
    </form>
  );
}
