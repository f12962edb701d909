export { Lock } from "./lock";
export { Login } from "./login";
export { OwnKeys } from "./own-keys";
