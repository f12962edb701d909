export { WardBoardPage } from "./page";
