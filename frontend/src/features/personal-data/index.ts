export { ConsentsPage } from "./consents-page";
export { SubjectRequestsPage } from "./requests-page";
