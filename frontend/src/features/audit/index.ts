export { AuditPage } from "./page";
