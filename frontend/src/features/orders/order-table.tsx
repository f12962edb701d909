import { useState } from "react";
import { BASE, send, type Order } from "@/api";
import { useCommon } from "@/i18n";
import { useWrites } from "@/lib/chart";
import { useSession } from "@/lib/session";
import { dateTime } from "@/lib/time";
import { ReasonDialog } from "@/ui/reason-dialog";
import { Refusal } from "@/ui/status";
import "@/ui/table.css";
import { useText } from "./text";

const STATE = { ordered: ["stateOrdered", "tag"], collected: ["stateCollected", "tag new"], "in-progress": ["stateInProgress", "tag new"], resulted: ["stateResulted", "tag good"], cancelled: ["stateCancelled", "tag struck"] } as const;

export function OrderTable({ orders, withPatient, changed }: { orders: readonly Order[]; withPatient: boolean; changed: () => void }) {
  const t = useText();
  const common = useCommon();
  const { role } = useSession().session.user;
  const writes = useWrites();
  const [error, setError] = useState<unknown>(null);
  const [cancelling, setCancelling] = useState<Order | null>(null);
  const collect = (order: Order) => {
    setError(null);
    send<Order>("POST", `/orders/${order.id}/collect`).then(changed, setError);
  };
  return (
    <>
      <Refusal error={error} />
      <table className="grid">
        <thead>
          <tr>{withPatient && <><th scope="col">{t("bed")}</th><th scope="col">{t("patient")}</th></>}<th scope="col">{t("order")}</th><th scope="col">{t("barcode")}</th><th scope="col">{t("state")}</th><th scope="col">{t("orderedBy")}</th><th><span className="sr">{t("action")}</span></th></tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id}>
              {withPatient && <><td>{order.bed}</td><td><b>{order.patientName}</b> <small>{order.patientCode}</small></td></>}
              <td><b>{order.name}</b> <small>{order.modality ?? order.code}</small></td>
              <td>{order.barcode ?? order.accession}</td>
              <td><span className={STATE[order.state][1]}>{t(STATE[order.state][0])}</span></td>
              <td><small>{order.orderedBy.name}, {dateTime(order.orderedAt)}</small></td>
              <td>
                <div className="row">
                  {order.barcode && order.state !== "cancelled" && <a className="btn small" href={`${BASE}/specimens/${encodeURIComponent(order.barcode)}/label.svg`} target="_blank" rel="noreferrer">{t("label")}</a>}
                  {writes && order.kind === "lab" && order.state === "ordered" && <button type="button" className="btn small" onClick={() => collect(order)}>{t("collect")}</button>}
                  {writes && order.state === "ordered" && role === "doctor" && <button type="button" className="btn small danger" onClick={() => setCancelling(order)}>{t("cancelOrder")}</button>}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {cancelling && <ReasonDialog title={t("cancelTitle", { name: cancelling.name })} label={common("reason")} action={t("cancelOrder")} missing={t("needReason")} dismiss="close" path={`/orders/${cancelling.id}/cancel`} onClose={() => setCancelling(null)} onDone={() => { setCancelling(null); changed(); }} />}
    </>
  );
}
