export { ReadersButton } from "./readers-button";
export { ClosedToOthers } from "./closed-to-others";
export { useRestriction } from "./queries";
