export { SigningPage } from "./signing-page";
export { FormsPart } from "./part";
