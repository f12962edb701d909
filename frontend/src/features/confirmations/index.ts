export { ConfirmationsPage } from "./page";
