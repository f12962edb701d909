import { useState, type FormEvent } from "react";
import { BASE, send, type Order } from "@/api";
import { useCommon } from "@/i18n";
import { useSession } from "@/lib/session";
import { dateTime } from "@/lib/time";
import { Dialog } from "@/ui/dialog";
import { Refusal } from "@/ui/status";
import "@/ui/table.css";
import { useText } from "./text";

const STATE = { ordered: ["stateOrdered", "tag"], collected: ["stateCollected", "tag new"], "in-progress": ["stateInProgress", "tag new"], resulted: ["stateResulted", "tag good"], cancelled: ["stateCancelled", "tag struck"] } as const;

function CancelDialog({ order, onClose, onDone }: { order: Order; onClose: () => void; onDone: () => void }) {
  const t = useText();
  const common = useCommon();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError(new Error(t("needReason")));
    send<Order>("POST", `/orders/${order.id}/cancel`, { reason: reason.trim().normalize("NFC") }).then(onDone, setError);
  };
  return (
    <Dialog title={t("cancelTitle", { name: order.name })} onClose={onClose}>
      <form className="stack" onSubmit={submit} noValidate>
        <label className="field"><span>{common("reason")}</span><input type="text" value={reason} onChange={(event) => setReason(event.target.value)} /></label>
        <Refusal error={error} />
        <div className="actions"><button type="button" className="btn" onClick={onClose}>{common("close")}</button><button type="submit" className="btn danger">{t("cancelOrder")}</button></div>
      </form>
    </Dialog>
  );
}

export function OrderTable({ orders, withPatient, changed }: { orders: readonly Order[]; withPatient: boolean; changed: () => void }) {
  const t = useText();
  const { role } = useSession().session.user;
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
                  {order.kind === "lab" && order.state === "ordered" && <button type="button" className="btn small" onClick={() => collect(order)}>{t("collect")}</button>}
                  {order.state === "ordered" && role === "doctor" && <button type="button" className="btn small danger" onClick={() => setCancelling(order)}>{t("cancelOrder")}</button>}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {cancelling && <CancelDialog order={cancelling} onClose={() => setCancelling(null)} onDone={() => { setCancelling(null); changed(); }} />}
    </>
  );
}
