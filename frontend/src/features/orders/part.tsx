// Orders of one chart: pick from the catalogue, place, follow.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { get, keys, newKey, send, type CatalogItem, type Encounter, type Order } from "@/api";
import { useSession } from "@/lib/session";
import { fold } from "@/lib/fold";
import { Icon } from "@/ui/icons";
import { Empty, Failure, Loading, Refusal } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/listbox.css";
import { OrderTable } from "./order-table";
import { useText } from "./text";

function NewOrders({ encounter, onPlaced }: { encounter: Encounter; onPlaced: () => void }) {
  const t = useText();
  const catalog = useQuery({ queryKey: keys.catalog, queryFn: ({ signal }) => get<CatalogItem[]>("/catalog", signal), staleTime: 600_000 });
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<CatalogItem[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [key, setKey] = useState(newKey);
  const items = (catalog.data ?? []).filter((item) => !chosen.includes(item) && fold(`${item.name} ${item.code} ${item.modality ?? ""}`).includes(fold(text)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen.length === 0) return setError(new Error(t("pickItems")));
    send<Order[]>("POST", `/encounters/${encounter.id}/orders`, { items: chosen.map((item) => item.code) }, { idempotencyKey: key }).then(() => {
      setChosen([]);
      setError(null);
      setKey(newKey());
      onPlaced();
    }, setError);
  };
  if (catalog.isError) return <Failure title={t("catalogFailed")} error={catalog.error} />;
  return (
    <form className="neworders" onSubmit={submit} noValidate aria-label={t("addOrders")}>
      <ComboBox
        className="field" items={items} inputValue={text} onInputChange={setText} value={null} menuTrigger="focus" allowsEmptyCollection={false}
        onChange={(code) => {
          const item = catalog.data?.find((one) => one.code === code);
          if (!item) return;
          setChosen((was) => [...was, item]);
          setText("");
        }}
      >
        <Label>{t("pickItems")}</Label>
        <Input />
        <Popover className="popover" offset={4}>
          <ListBox className="listbox">{(item: CatalogItem) => <ListBoxItem id={item.code} textValue={item.name} className="option"><span>{item.name}</span><small>{item.modality ?? item.specimenType}</small></ListBoxItem>}</ListBox>
        </Popover>
      </ComboBox>
      <div className="row wrap chosen">
        {chosen.map((item) => (
          <span key={item.code} className="tag new">{item.name} <button type="button" aria-label={t("remove", { name: item.name })} onClick={() => setChosen((was) => was.filter((one) => one !== item))}>×</button></span>
        ))}
        <span className="grow" />
        <Refusal error={error} />
        <button type="submit" className="btn p"><Icon name="plus" size={15} /> {t("placeOrders")}</button>
      </div>
    </form>
  );
}

export function OrdersPart({ encounter }: { encounter: Encounter }) {
  const t = useText();
  const cache = useQueryClient();
  const { role } = useSession().session.user;
  const found = useQuery({ queryKey: keys.chart(encounter.id, "orders"), queryFn: ({ signal }) => get<Order[]>(`/encounters/${encounter.id}/orders`, signal) });
  const changed = () => void cache.invalidateQueries({ queryKey: keys.encounter(encounter.id) });
  return (
    <section className="card orderspart" aria-label={t("ordersTitle")}>
      {role === "doctor" && encounter.state === "active" && <NewOrders encounter={encounter} onPlaced={changed} />}
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("ordersNone")} />}
      {found.data && found.data.length > 0 && <OrderTable orders={found.data} withPatient={false} changed={changed} />}
    </section>
  );
}
