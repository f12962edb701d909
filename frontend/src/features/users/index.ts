export { UsersPage } from "./page";
