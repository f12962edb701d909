export { DevicesPage } from "./page";
