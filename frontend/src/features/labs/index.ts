export { ResultsPart } from "./part";
