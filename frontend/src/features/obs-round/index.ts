export { RoundPage } from "./page";
