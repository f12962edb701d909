export { NotesPart } from "./part";
