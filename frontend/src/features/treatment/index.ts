export { TreatingButton } from "./treating-button";
export { useElsewhere } from "./queries";
export { NotNamed } from "./not-named";
export { DutyButton } from "./duty-button";
export { AskedStays } from "./asked-stays";
export { useFreshWards } from "./fresh-wards";
