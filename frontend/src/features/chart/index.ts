export { Banner } from "./banner";
export { useEncounter } from "./queries";
export { Tabs } from "./tabs";
export { Timeline } from "./timeline";
