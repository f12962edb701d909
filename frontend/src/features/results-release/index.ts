export { ResultsReleasePage } from "./page";
