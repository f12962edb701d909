export { VitalsPart } from "./part";
