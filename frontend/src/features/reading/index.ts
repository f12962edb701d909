export { ReadingScreens } from "./screens";
