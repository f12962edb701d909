export { AttentionPage } from "./page";
