export { RequestsPage } from "./page";
