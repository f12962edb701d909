export { ArchivePage } from "./archive-page";
export { RecordPart } from "./part";
