import type { English } from "../dictionary";
import type vi from "../vi/colleagues";

export default {
  find: "Find by name or role",
  colleagues: "Who may be chosen",
  noMatch: "Nobody like that, or they are named already.",
  noneLeft: "Nobody is left to choose.",
  candidatesFailed: "The list of staff could not be loaded",
  chosen: "Chosen",
  saidChosen: "{name} chosen.",
  drop: "Remove {name}",

  "role-nurse": "Nurse",
  "role-head-nurse": "Head nurse",
  "role-doctor": "Doctor",
  "role-lab-technician": "Laboratory technician",
  "role-radiologist": "Radiologist",
  "role-record-room": "Record room",
  "role-director": "Director",
  "role-administrator": "Administrator",
  "role-auditor": "Auditor",
  "role-outsider": "Reader from outside",
} as const satisfies English<typeof vi>;
