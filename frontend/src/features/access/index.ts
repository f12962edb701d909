export { AccessPage } from "./page";
export { EmergencyDialog } from "./emergency-dialog";
export { OwnSessions } from "./own-sessions";
