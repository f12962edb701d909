export { RecordPart } from "./part";
export { ShelfPart } from "./shelf";
