export { DocumentsPart } from "./part";
