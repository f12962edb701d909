export { DuePart } from "./due";
export { ListPart } from "./list";
export { ListsPart } from "./lists";
