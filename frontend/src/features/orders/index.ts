export { OrdersPage } from "./page";
export { OrdersPart } from "./part";
