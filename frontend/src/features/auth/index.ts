export { Lock } from "./lock";
export { Login } from "./login";
export { OwnKeys } from "./own-keys";
export { EnrolPage } from "./enrol-page";
export { OwnSecondFactor } from "./own-second-factor";
export { OwnToken } from "./own-token";
