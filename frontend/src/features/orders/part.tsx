// Orders of one chart: pick from the catalogue, place, follow.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { get, keys, type Encounter, type Order } from "@/api";
import { useSession } from "@/lib/session";
import { Empty, Failure, Loading } from "@/ui/status";
import { NewOrders } from "./new-orders";
import { OrderTable } from "./order-table";
import "./orders.css";
import { useText } from "./text";

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
