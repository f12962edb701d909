export { EncounterActions } from "./encounter-actions";
export { PatientPage } from "./patient-page";
export { RegisterPage } from "./register-page";
export { SearchPage } from "./search-page";
