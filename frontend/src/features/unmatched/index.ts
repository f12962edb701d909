export { StudiesPage } from "./studies-page";
export { WaitingPage } from "./waiting-page";
