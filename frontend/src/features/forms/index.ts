export { SigningPage } from "./signing-page";
export { FormsPart } from "./part";
export { ScansPage } from "./scans/page";
