export { IncidentsPage } from "./page";
