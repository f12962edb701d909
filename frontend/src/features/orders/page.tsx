// Orders of the ward on one plain screen: what was asked, its barcode or accession, and where it stands.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, keys, query, type Order } from "@/api";
import { useWard } from "@/lib/ward";
import { Empty, Failure, Loading } from "@/ui/status";
import "@/ui/forms.css";
import "@/ui/page.css";
import { OrderTable } from "./order-table";
import { useText } from "./text";

const KINDS = [["", "kindAll"], ["lab", "kindLabs"], ["imaging", "kindImaging"]] as const;
const STATES = [["", "kindAll"], ["ordered", "stateOrdered"], ["collected", "stateCollected"], ["in-progress", "stateInProgress"], ["resulted", "stateResulted"], ["cancelled", "stateCancelled"]] as const;

export function OrdersPage() {
  const t = useText();
  const ward = useWard();
  const [kind, setKind] = useState("");
  const [state, setState] = useState("");
  const found = useQuery({ queryKey: keys.orders(ward.id, kind, state), queryFn: ({ signal }) => get<Order[]>(`/orders${query({ ward: ward.id, kind, state })}`, signal), placeholderData: (before) => before });
  return (
    <>
      <div className="bar">
        <h1>{t("ordersTitle")}</h1>
        {KINDS.map(([id, name]) => <button key={id} type="button" className="chip" aria-pressed={kind === id} onClick={() => setKind(id)}>{t(name)}</button>)}
        <span className="grow" />
        <label className="row"><span className="muted">{t("state")}</span><select className="box" value={state} onChange={(event) => setState(event.target.value)}>{STATES.map(([id, name]) => <option key={id} value={id}>{t(name)}</option>)}</select></label>
      </div>
      {found.isPending && <Loading />}
      {found.isError && <Failure title={t("loadFailed")} error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("ordersEmpty")} />}
      {found.data && found.data.length > 0 && <div className="card tablecard"><OrderTable orders={found.data} withPatient changed={() => void found.refetch()} /></div>}
    </>
  );
}
