export { FormsPart } from "./part";
