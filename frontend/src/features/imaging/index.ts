export { ImagesPart } from "./part";
