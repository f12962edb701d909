export { Seals } from "./seals";
