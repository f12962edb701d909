export { Lock } from "./lock";
export { Login } from "./login";
