// What the server sends and takes, one name a schema of its OpenAPI document, with the words that a field may hold, which
// the document does not list. types.test.ts holds both together.
// Instants are RFC 3339 UTC strings, dates "1970-03-12".

import type { FormDefinition, FormValues } from "./form-definition";

export interface Problem { type: string; title: string; status: number; detail: string; code: string; fields?: Record<string, string>; secondFactor?: SecondFactorAsked }

export type Role = "nurse" | "head-nurse" | "doctor" | "lab-technician" | "radiologist" | "record-room" | "director" | "administrator" | "auditor" | "outsider";
/** Who holds the key of a signer: the server under one's own PIN, a token at the server, a signing service, a token at the terminal. */
export type KeyHolder = "software" | "pkcs11" | "remote" | "terminal";
export interface WardRef { id: string; code: string; name: string }
export interface PersonRef { id: string; name: string; role: Role }
export interface Session {
  user: { id: string; username: string; name: string; role: Role; title: string /* "ĐD", "BS", "KTV"… */ };
  wards: WardRef[];            // wards the user may open, own ward first
  facility: { code: string; name: string };
  csrf: string; locked: boolean; lockAfterSeconds: number; hasPin: boolean; hasCertificate: boolean;
  keyHolder: KeyHolder | null;   // whose PIN signs; null without a certificate
  regulationProfile: "tt46+tt13" | "tt13";   // is an entry after its limit against the law, or the hospital's own alarm
  signingRules: string | null;   // in force: what a signature will name
  mustChangePassword: boolean;   // logged in with an initial password: only /auth/password answers
  mustEnrolSecondFactor: boolean;   // a second factor must be set up before anything else
  recoveryCodesLeft: number | null; // null without a second factor
  treatmentScope: boolean;       // a doctor here reads own wards, wards they cover, and stays in which they are named
  now: string;
}

export type Sex = "male" | "female" | "unknown";
export type Band = "none" | "watch" | "urgent" | "emergency";   // 0, 1–4 (or no single 3), 5–6 or a single 3, >=7
export interface News2 {
  total: number | null; band: Band | null; single3: boolean;
  missing: VitalCode[]; notApplicable: "age" | "pregnancy" | null; parts: { code: VitalCode; score: number }[];
}
export interface LiveValue { code: LiveCode; value: number; at: string }
export type LiveCode = "pulse" | "spo2" | "resp" | "temp" | "sbp" | "dbp" | "map" | "etco2";
export interface Occupant {
  encounterId: string; patientId: string; patientCode: string; name: string; sex: Sex; ageYears: number; ageText: string; // "24t", "8 th"
  diagnosis: string /* empty where the record is restricted and I do not read it */; restricted: boolean; sameName: boolean; allergies: string[]; pregnant: boolean;
  news2: News2 | null; vitalsAt: string | null; vitalsDueAt: string | null;
  lastVitals: { pulse?: number | null; spo2?: number | null; sbp?: number | null; dbp?: number | null; temp?: number | null; resp?: number | null };  // last accepted
  live: LiveValue[];                    // monitor, if one is on the bed
  newResults: number; critical: { name: string; text: string } | null;
  unsigned: number;                     // versions of mine or anyone's on this chart not yet signed
  proposed: number;                     // device sets waiting to be accepted
}
export interface BoardBed { bedId: string; label: string; position: number; occupants: Occupant[] }
export interface WardBoard { ward: WardRef; now: string; cursor: string; beds: BoardBed[]; waiting: { inbox: number; studies: number } }

export type VitalCode = "pulse" | "temp" | "sbp" | "dbp" | "resp" | "spo2" | "oxygen" | "acvpu" | "pain" | "weight" | "urine" | "height";
export type NotMeasured = "refused" | "asleep" | "absent";                       // T từ chối, N ngủ, V vắng
export interface VitalValue { code: VitalCode; value: number | null; text: string | null; unit: string; notMeasured: NotMeasured | null;
  provenance: "manual" | "device" | "device-edited"; flag: "low" | "high" | null; outOfRangeReason: string | null }
export interface SignatureRef { id: string; signer: PersonRef; signedAt: string; subject: string; issuer: string; serial: string; algorithm: string;
  state: "valid" | "not-trusted" | "revoked" | "broken"; rules: string | null /* the signing rules that it names */ ; sealOf: string | null /* the department whose seal it is; the signer put it */ }
export type SetStatus = "preliminary" | "final" | "amended" | "rejected" | "entered-in-error";
export interface VitalSet {
  id: string; encounterId: string; version: number; status: SetStatus; source: "manual" | "device"; device: string | null;
  effectiveAt: string; recordedAt: string; author: PersonRef | null; values: VitalValue[]; news2: News2; reason: string | null;
  signature: SignatureRef | null; mine: boolean /* I may sign it */ ; versions: number; late: LateMark | null
}
/** A scan of the paper that an entry was written from afterwards. */
export interface EntryScan { id: string; kind: "vitals" | "note"; entryId: string; attachedBy: PersonRef; attachedAt: string; mediaType: string; size: number }
/** Recorded more than 12 hours after the act. `late`: after the limit that holds as far as is known now. */
export interface LateMark { minutes: number; limitHours: number; late: boolean }
export interface VitalInput { code: VitalCode; value?: number; text?: string; notMeasured?: NotMeasured; outOfRangeReason?: string }
export interface RoundRow { bedId: string; bed: string; encounterId: string; name: string; ageText: string; ageYears: number; sex: Sex; sameName: boolean; pregnant: boolean;
  previous: VitalSet | null; proposed: VitalSet | null /* freshest device set still to accept */; unsigned: VitalSet[] /* mine, unsigned */; dueAt: string | null }
export interface Round { ward: WardRef; now: string; rows: RoundRow[] }
export interface Range { code: VitalCode; unit: string; decimals: number; hardLow: number; hardHigh: number; softLow: number; softHigh: number }
export interface UnsignedSet { set: VitalSet; patientName: string; patientCode: string; ward: string; bed: string | null }
export interface RoundSigned { signed: { setId: string; version: number }[]; charts: { encounterId: string; documentId: string; version: number }[];
  failed: { setId: string; code: string; detail: string }[] }

export interface CareNote { id: string; encounterId: string; version: number; versions: number; effectiveAt: string; recordedAt: string; author: PersonRef;
  course: string /* diễn biến */; care: string /* thực hiện y lệnh / chăm sóc */; status: "final" | "amended" | "entered-in-error"; reason: string | null; signature: SignatureRef | null; mine: boolean; late: LateMark | null }

export interface PatientHit { id: string; code: string; name: string; birthDate: string | null; sex: Sex; ageText: string; address: string; nationalIdTail: string | null;
  insuranceTail: string | null; encounterId: string | null; ward: string | null; bed: string | null; sameName: boolean }
export interface PatientInput { name: string; birthDate?: string; sex: Sex; nationalId?: string; insuranceCard?: string; phone?: string; address?: string; allergies?: string[] }
export interface Patient extends PatientInput { id: string; code: string; ageText: string; encounters: { id: string; number: string; state: EncounterState; admittedAt: string; dischargedAt: string | null; diagnosis: string; ward: string; restricted: boolean }[] }
export type EncounterState = "active" | "discharged";
export type RecordState = "active" | "closed" | "archived";
export interface Encounter { id: string; number: string; state: EncounterState; record: RecordState; admittedAt: string; dischargedAt: string | null; dayOfStay: number;
  patient: { id: string; code: string; name: string; sex: Sex; birthDate: string | null; ageText: string; ageYears: number; insuranceCard: string | null; allergies: string[] };
  ward: WardRef; bed: { id: string; label: string; room: string } | null; diagnosis: string; restricted: boolean; icd10: string | null; pregnant: boolean; sameName: boolean;
  news2: News2 | null; newResults: number }
export type RestrictionKind = "hiv" | "psychiatric" | "other";
/** A record that only assigned staff read. Kind and reason are hidden from who assigns without reading. */
export interface Restriction { id: string; kind: RestrictionKind | null; reason: string | null; restrictedBy: PersonRef; restrictedAt: string; readers: RecordReader[] }
export interface RecordReader { user: PersonRef; assignedBy: PersonRef; assignedAt: string }
export interface RestrictionState { restriction: Restriction | null; mayRestrict: boolean; mayLift: boolean; mayAssign: boolean }
export type TreatingPart = "treating" | "consult";
/** Doctors who are named in a stay, and so read it wherever they belong. */
export interface TreatingDoctor { user: PersonRef; part: TreatingPart; since: string; assignedBy: PersonRef }
export interface Treating { doctors: TreatingDoctor[]; mayAssign: boolean }
/** Doctors who cover a ward for some hours: those who do now and those who will, soonest first. */
export interface DutyCover { id: string; user: PersonRef; startsAt: string; endsAt: string; assignedBy: PersonRef }
export interface Duty { covers: DutyCover[]; mayAssign: boolean }
/** A stay outside my own wards in which I am named. */
export interface AskedStay { encounterId: string; patientName: string; patientCode: string; ward: WardRef; bed: string | null; part: TreatingPart; since: string }
export interface TimelineItem { at: string; kind: "device" | "vitals" | "note" | "result" | "study" | "order" | "document"; title: string; text: string; by: string | null; signed: boolean; ref: string }

export interface Order { id: string; encounterId: string; kind: "lab" | "imaging"; code: string; name: string; state: "ordered" | "collected" | "in-progress" | "resulted" | "cancelled";
  accession: string | null; barcode: string | null; modality: string | null; orderedAt: string; orderedBy: PersonRef; patientName: string; patientCode: string; bed: string | null; collectedAt: string | null }
export interface CatalogItem { kind: "lab" | "imaging"; code: string; name: string; modality: string | null; specimenType: string | null }
export interface Result { id: string; encounterId: string; orderId: string | null; version: number; code: string; name: string; value: string; number: number | null; unit: string;
  referenceRange: string; flag: "L" | "H" | "LL" | "HH" | "A" | null; status: "preliminary" | "final" | "corrected"; effectiveAt: string; recordedAt: string; barcode: string | null; device: string | null; critical: boolean; seen: boolean; releasedBy: PersonRef | null;
  patientName?: string; patientCode?: string; bed?: string | null }

export interface Proposal { encounterId: string; orderId: string | null; patientCode: string; name: string; sex: Sex; birthDate: string | null; ward: string; bed: string | null; score: number; why: string[] }
export interface WaitingItem { id: string; seq: number; times: number /* of one device, the same again */; deviceId: string; kind: "vitals" | "lab"; reason: string /* slug */; reasonText: string; device: string; receivedAt: string; effectiveAt: string | null; skewSeconds: number | null;
  senderPatient: { ids: string[]; name: string; birthDate: string; sex: string } | null; specimen: string | null; location: string | null;
  readings: { code: string; name: string; value: string; unit: string }[]; proposals: Proposal[] }

export interface Study { id: string; studyUid: string; encounterId: string | null; accession: string; description: string; modalities: string[]; studyAt: string | null; receivedAt: string; instances: number;
  series: { seriesUid: string; modality: string; number: number | null; description: string; instances: number; thumbnailUrl: string }[];
  senderPatient: { id: string; name: string; birthDate: string; sex: string }; linkedBy: "study-uid" | "accession" | "person" | null }

export interface DocumentRef { id: string; encounterId: string; formCode: string; title: string; version: number; versions: number; createdAt: string; author: PersonRef; state: "draft" | "signed" ; signatures: SignatureRef[]; pdfUrl: string | null }

export type FormKind = "record" | "sheet" | "drawn" | "house";
export type Needed = "never" | "close" | "sign";   // before the record is closed, before anybody signs
/** A form of the list; `ready`: it can be filled. */
export interface FormRef { code: string; number: string; title: string; kind: FormKind; version: number; legalAct: string; ready: boolean; once: boolean; leaves: boolean; mayFill: boolean }
export interface Fault { place: string /* "field", or "table/0/column" */; sentence: string }
export type FormState = "draft" | "partly-signed" | "signed" | "withdrawn";
/** That the patient signed, or who stands for them, and before whom. */
export interface PatientSigned { id: string; name: string; standsAs: string; method: string; signedAt: string; witness: SignatureRef; scanUrl: string | null; keptAt: string | null }
/** A department's seal that I may put; whose PIN opens it. */
export interface SealOffer { id: string; code: string; name: string; keyHolder: KeyHolder }
export interface FormSlot { name: string; label: string; who: "staff" | "patient" | "department"; needed: Needed; signature: SignatureRef | null; maySign: boolean; patient: PatientSigned | null; mayWitness: boolean; seals: SealOffer[] }
export interface FormEntry { id: string; encounterId: string; formCode: string; formVersion: number; number: string; title: string; kind: FormKind; leaves: boolean; version: number; versions: number; state: FormState;
  effectiveAt: string; recordedAt: string; author: PersonRef; mine: boolean; slots: FormSlot[]; reason: string | null; pdfUrl: string | null; late: LateMark | null }
export interface Expanded { short: string; long: string }
export interface FilledForm { entry: FormEntry; definition: FormDefinition; values: FormValues; missing: Fault[]; missingAtClose: Fault[]; expanded: Expanded[]; mayEdit: boolean; phoneCodes: boolean }
export interface CodeSent { id: string; phone: string; sentAt: string; until: string }
export interface PrintedSheet { encounterId: string; documentId: string; version: number; slot: string; slotLabel: string; title: string; patientName: string; patientCode: string; birthDate: string | null; stayNumber: string; ward: WardRef;
  pages: number; printedBy: PersonRef; printedAt: string; blocked: string | null; mayWitness: boolean; why: string[] }
export interface PaperScanEvent { kind: "set-aside" | "brought-back" | "linked"; at: string; by: PersonRef; reason: string }
export interface PaperScan { id: string; state: "waiting" | "aside" | "linked"; handedInBy: PersonRef; handedInAt: string; ward: WardRef | null; size: number; pictures: number; why: string | null /* none: it waits for its witness */; whyText: string | null;
  mayBeLinked: boolean; sheet: PrintedSheet | null; elsewhere: boolean; missingPages: number[]; events: PaperScanEvent[]; maySort: boolean }
export interface PaperScans { waiting: PaperScan[]; aside: PaperScan[] }
export interface HandedInScan { outcome: "kept" | "known"; scan: PaperScan | null }
export interface PaperScanCount { ready: number; unmatched: number }
export interface FormToSign { entry: FormEntry; slot: string; slotLabel: string; patientName: string; patientCode: string; ward: string; bed: string | null }
export interface FormsSigned { signed: { id: string; version: number; state: string }[]; failed: { id: string; code: string; detail: string }[] }
export interface FormVersion { version: number; effectiveAt: string; recordedAt: string; author: PersonRef; reason: string | null; status: string; signatures: SignatureRef[]; pdfUrl: string | null }

export interface UserRow { id: string; username: string; name: string; role: Role; wards: WardRef[]; disabled: boolean; locked: boolean; hasSecondFactor: boolean; lastLoginAt: string | null; activeSessions: number; certificate: { subject: string; issuer: string; notAfter: string; revokedAt: string | null; keyHolder: KeyHolder; keyReference: string | null } | null; confirming: ConfirmingAuthority | null }
/** A certificate as it was brought; path: names up to the authority that is trusted; proof: how far its key has shown itself. */
export interface CertificateFound { subject: string; name: string; issuer: string; serial: string; algorithm: string; notBefore: string; notAfter: string; path: string[]; proof: "signed" | "shown" | "not-yet" }
export interface TokenKeyRow { key: string; label: string; subject: string | null; issuer: string | null; notAfter: string | null; pem: string | null }
export interface SignAgent { address: string; code: string }
export interface SealedStatement { statement: string; seal: string }
// Read by an agent that is being paired, and by no screen.
export interface SignAuthority { key: string; code: string; facility: string }
export interface TokenRow { serial: string; label: string; made: string; locked: boolean; keys: TokenKeyRow[] }
export interface JobRow { id: string; kind: string; subject: string; attempts: number; dead: boolean; lastError: string; nextAt: string | null; createdAt: string }
export interface Jobs { ready: number; troubled: JobRow[] }
export interface DeviceRow { id: string; name: string; kind: "monitor" | "analyzer" | "modality" | "unknown"; channel: string; sender: string; bed: string | null; lastSeenAt: string | null; skewSeconds: number | null; waiting: number }
export interface AttentionDoing { choice: "again" | "seen"; by: PersonRef; at: string; undoUntil: string | null }
export interface AttentionEntry { edge: string; key: string; kind: string /* slug */; at: string; since: string; times: number; sender: string; address: string; about: string; reason: string /* English, for whoever repairs it */; again: boolean; doing: AttentionDoing | null }
export interface AttentionEdge { edge: string; kind: "gateway" | "pacs"; name: string; reportedAt: string; silent: boolean; total: number; listed: number }
export interface Attention { now: string; edges: AttentionEdge[]; items: AttentionEntry[] }
export interface AttentionCount { open: number }
export interface Annulled { at: string; by: PersonRef; reason: string }
export interface Incident { id: string; ward: WardRef | null /* the whole hospital */; startedAt: string; endedAt: string | null /* it goes on */; system: string; reason: string; declaredBy: PersonRef; declaredAt: string; endedBy: PersonRef | null; annulled: Annulled | null }
export interface IncidentDeclared { incident: Incident; covered: number /* entries written before that have 24 hours now */ }
export type SecurityConcerns = "systems" | "personal-data" | "both";
export type SecuritySeverity = "ordinary" | "serious" | "at-once";
export type SecurityDutyName = "first-notice" | "incident-report" | "breach-notice";
/** A report that is owed; late: sent after it was due, or due and not sent. */
export interface SecurityDuty { duty: SecurityDutyName; dueAt: string; sentAt: string | null; late: boolean }
export interface SecurityReport { duty: SecurityDutyName; recipient: string; reference: string; sentAt: string; notedBy: PersonRef; notedAt: string }
export interface SecurityClosing { at: string; by: PersonRef; words: string }
export interface SecurityIncident { id: string; version: number; concerns: SecurityConcerns; severity: SecuritySeverity; discoveredAt: string; what: string; affected: number | null /* not known yet */; categories: string; measures: string;
  enteredBy: PersonRef; enteredAt: string; writtenBy: PersonRef; writtenAt: string; duties: SecurityDuty[]; reports: SecurityReport[]; closed: SecurityClosing | null }
export interface SecurityWaiting { incident: string; what: string; duty: SecurityDuty }
export interface LateCause { id: string; system: string; startedAt: string; endedAt: string | null }
export interface LateEntry { id: string; kind: "vitals" | "note"; encounterId: string; patientName: string; patientCode: string; ward: string; by: PersonRef; happenedAt: string; recordedAt: string;
  minutes: number; limitHours: number; late: boolean; lateThen: boolean /* by what was known when it was recorded */; incident: LateCause | null }
/** What a ward works from while the server is away. `reason` is English, for whoever repairs it. */
export interface KitTrouble { since: string; reason: string }
export interface KitCopy { folder: string; madeAt: string | null; trouble: KitTrouble | null }
export interface KitLock { own: boolean /* the ward's, not the one of the house */; setAt: string; setBy: PersonRef }
export interface WardKit { ward: WardRef; madeAt: string | null; bytes: number; trustedUntil: string | null; behind: boolean; lock: KitLock | null; trouble: KitTrouble | null; copies: KitCopy[]; takes: boolean /* I may take it */ }
export interface KitComputer { id: string; ward: WardRef; label: string; issuedAt: string; issuedBy: PersonRef; revokedAt: string | null; revokedBy: PersonRef | null; fetchedAt: string | null; fetchedKitAt: string | null }
export interface Downtime { now: string; everyMinutes: number; manages: boolean; houseLock: KitLock | null; wards: WardKit[]; computers: KitComputer[] }
export interface KitTokenIssued { computer: KitComputer; token: string /* shown this once */; file: string }
export interface RecordBlock { what: string /* slug */; count: number; text: string; part: "stay" | "vitals" | "notes" | "forms" | "orders" | "results" | "confirmation" /* where it is mended */; people: PersonRef[] }
export interface RecordSignatures { title: string; signer: PersonRef; count: number; firstAt: string; lastAt: string }
export interface RecordClass { code: string; name: string }
export interface RecordLifeEvent { id: string; kind: "classified" | "closed" | "reopened" | "archived" | "supplemented"; text: string; at: string; by: PersonRef | null; reason: string | null; sha256: string | null /* of what was sealed then */ }
export interface HoldEnd { at: string; by: PersonRef; reason: string }
export interface LegalHold { id: string; ground: string; groundText: string; reason: string; placedBy: PersonRef; placedAt: string; lifted: HoldEnd | null }
export interface RecordLife { encounterId: string; number: string; state: RecordState; medium: "electronic" | "mixed"; class: RecordClass; grounds: RecordClass[]; closedAt: string | null; archivedAt: string | null; archiveNumber: string | null;
  keptUntil: string | null; keptForever: boolean; blocks: RecordBlock[]; signatures: RecordSignatures[]; events: RecordLifeEvent[]; holds: LegalHold[]; mayClose: boolean; mayKeep: boolean }
export interface KeptRecord { encounterId: string; number: string; patientName: string; patientCode: string; ward: WardRef; dischargedAt: string | null; closedAt: string | null; archivedAt: string | null; archiveNumber: string | null;
  class: RecordClass; keptUntil: string | null; keptForever: boolean; holds: number; disposal: "forever" | "held" | "too-early" | "due" | "over" | null; disposalText: string | null; mustStay: string | null /* why it may not be destroyed yet; in the list `due` */ }
export interface AuditPatient { id: string; code: string; name: string }
export interface AuditRow {
  seq: number; chain: string; at: string; actor: PersonRef | null /* null: the program itself */; action: string; subjectKind: string; subjectId: string;
  patient: AuditPatient | null; detail: string /* the hashed body */; source: string | null /* the address that asked */;
}
export type RequesterKind = "patient" | "representative" | "chosen-representative" | "lawyer" | "health-authority" | "investigation" | "procuracy" | "court" | "inspection" | "forensic" | "social-insurance" | "private-insurer" | "state-compensation" | "learner" | "practitioner" | "other-facility";
export type RecordExtent = "summary" | "record";
export interface RecordUse { kind: "read" | "summary" | "copy"; kindText: string; by: PersonRef; at: string; note: string; sha256: string | null }
export interface RequestDecision { granted: boolean; by: PersonRef; at: string; words: string; extent: RecordExtent | null; copy: boolean; until: string | null;
  onConsent: boolean /* of the patient: it must still stand when something is given out */; patientPaper: string | null }
export interface RequestEnd { by: PersonRef; at: string; reason: string }
/** Who reads the record of a request on the screen: an account from outside, for as long as the grant stands. */
export interface RequestReader { user: PersonRef; username: string; givenBy: PersonRef; givenAt: string; endedAt: string | null; lastReadAt: string | null }
export interface ReaderAccount { id: string; username: string; name: string }
export interface ReadingGrant { requestId: string; number: string; patientName: string; stayNumber: string; extent: RecordExtent; purpose: string; until: string }
export interface ReadingSheet { documentId: string; title: string; writtenAt: string; signedBy: string[] }
export interface RecordRequest { id: string; number: string; encounterId: string; stayNumber: string; patientName: string; patientCode: string; state: "received" | "granted" | "refused" | "withdrawn" | "done"; stateText: string; requester: RequesterKind; requesterText: string;
  name: string; organisation: string; identity: string; paper: string; ground: string; purpose: string; extent: RecordExtent; copy: boolean; receivedBy: PersonRef; receivedAt: string; answerBy: string; provideBy: string | null; overdue: boolean;
  decision: RequestDecision | null; ended: RequestEnd | null; uses: RecordUse[]; reader: RequestReader | null; mayDecide: boolean; mayServe: boolean; mayGiveReader: boolean }
export type ConsentChannel = "desk" | "paper";
export interface RepresentativeOf { name: string; relation: string; ground: string; idPaper: string; idNumber: string }
export interface ConsentAnswer { id: string; purpose: string; title: string; version: number; answer: "agreed" | "refused" | "withdrawn" | "deferred"; answerText: string; givenBy: "patient" | "representative" | "both" | "nobody"; representative: RepresentativeOf | null; channel: ConsentChannel;
  paperPlace: string; note: string; answeredAt: string; takenBy: PersonRef; sha256: string; sealed: boolean }
export interface ConsentPurpose { code: string; title: string; text: string; version: number; textSha256: string; needsConsent: boolean; sensitive: boolean; reference: string; data: string; recipients: string; answer: "agreed" | "refused" | "withdrawn" | "deferred" | null;
  answerText: string; askAgain: "turned-seven" | "turned-eighteen" | "new-text" | "after-emergency" | null; askAgainText: string | null; stands: boolean; last: ConsentAnswer | null }
export interface ConsentSheet { patientId: string; patientName: string; patientCode: string; birthDate: string | null; answers: "representative" | "both" | "patient" | "either"; purposes: ConsentPurpose[]; history: ConsentAnswer[]; mayAsk: boolean }
export type SubjectKind = "view" | "correct" | "provide" | "withdraw-consent" | "limit" | "object" | "delete" | "protect";
export interface SubjectStep { by: PersonRef; at: string; words: string }
export interface SubjectRequest { id: string; number: string; patientId: string; patientName: string; patientCode: string; kind: SubjectKind; kindText: string; state: "received" | "accepted" | "refused" | "done" | "taken-back"; stateText: string; details: string; purpose: string | null;
  stayNumber: string | null; askedBy: string; identity: string; paper: string; receivedBy: PersonRef; receivedAt: string; answerBy: string; actBy: string; dueAt: string | null /* of the two, the one that runs */; overdue: boolean; soon: boolean; extended: SubjectStep | null;
  decided: SubjectStep | null; ended: SubjectStep | null; recordRequest: string | null; mustKeep: string | null /* why the law does not let it be deleted */; mayAnswer: boolean; mayExtend: boolean; mayFinish: boolean; mayTakeBack: boolean }
export interface SubjectCount { open: number; urgent: number }
export interface ConfirmingAuthority { id: string; capacity: "head" | "delegate"; capacityText: string; decision: string; from: string; until: string | null; holds: boolean }
export type HouseDecisionName = "paperless" | "signing-rules" | "record-rules";
export interface HouseDecisionKind { kind: HouseDecisionName; text: string; stands: boolean }
export interface HouseDecisionEnd { by: PersonRef; at: string; reason: string }
export interface HouseDecision { id: string; kind: HouseDecisionName; kindText: string; decision: string; from: string; stands: boolean; enteredBy: PersonRef; enteredAt: string; withdrawn: HouseDecisionEnd | null }
export interface HouseDecisions { kinds: HouseDecisionKind[]; decisions: HouseDecision[]; mayEnter: boolean }
export interface DepartmentRef { id: string; code: string; name: string }
export interface DepartmentCertificate { subject: string; issuer: string; serial: string; notAfter: string; revokedAt: string | null; keyHolder: KeyHolder; keyReference: string | null }
export interface SealKeeper { user: PersonRef; givenBy: PersonRef; givenAt: string; ended: HouseDecisionEnd | null }
export interface DepartmentSeal { department: DepartmentRef; certificate: DepartmentCertificate | null; keepers: SealKeeper[]; candidates: PersonRef[] }
export interface DepartmentSeals { departments: DepartmentSeal[]; mayName: boolean; mayIssue: boolean }
export interface WaitingConfirmation { encounterId: string; number: string; patientName: string; patientCode: string; ward: WardRef; record: RecordState; signatures: number; oldestAt: string; overdue: boolean }
export interface ConfirmationQueue { waiting: WaitingConfirmation[]; lateAfterHours: number; mayConfirm: boolean; authority: ConfirmingAuthority | null; ownCertificate: boolean /* of the hospital, of no public authority */ }
export interface HeadsWork { confirmations: number; requests: number }
export interface ConfirmedRecord { encounterId: string; documentId: string; version: number; signatures: number }
export interface UnconfirmedRecord { encounterId: string; code: string; detail: string }
export interface Confirmed { confirmed: ConfirmedRecord[]; failed: UnconfirmedRecord[] }
export interface DestructionStep { by: PersonRef; at: string }
export interface DestructionItem { encounterId: string; number: string; archiveNumber: string | null; patientName: string; patientCode: string; className: string; keptUntil: string | null; state: "listed" | "kept" | "destroying" | "destroyed"; note: string; settledAt: string | null }
export interface DestructionList { id: string; number: string; state: "proposed" | "approved" | "begun" | "done" | "cancelled"; stateText: string; decision: string; reason: string; proposed: DestructionStep; approved: DestructionStep | null;
  cancelled: DestructionStep | null; cancelReason: string | null; begun: DestructionStep | null; doneAt: string | null; mayApprove: boolean; mayCancel: boolean; mayBegin: boolean; minutes: object | null; minutesSha256: string | null; size: number; records: DestructionItem[] /* none in the list of lists */ }

export interface OpenSession { id: string; user: PersonRef; since: string; lastSeenAt: string; endsAt: string; openedFrom: string | null; seenFrom: string | null; locked: boolean; here: boolean }
export interface UsedFrom { address: string; from: string; until: string }
export interface TrustedAuthority { fingerprint: string; subject: string; kind: "anchor" | "issuing" | "time-stamps"; kindText: string; notAfter: string; change: "found" | "added" | "removed"; at: string; by: PersonRef | null; reason: string; trusted: boolean }
/** A secret for a phone; the picture is a QR code, its dark modules as the path of an SVG of that size. */
export interface SecondFactorOffer { secret: string; pictureSize: number; picturePath: string }
/** recoveryCodes: empty where those from before stand. */
export interface SecondFactorSet { session: Session; recoveryCodes: string[] }
/** id, challenge: base64url. */
export interface KnownKey { id: string; transports: string[] }
export interface SecurityKeyAsked { challenge: string; host: string; keys: KnownKey[]; standsSeconds: number }
/** elsewhere: names of the server that other keys were made for. */
export interface SecondFactorAsked { code: boolean; securityKey: SecurityKeyAsked | null; elsewhere: string[] }
export interface SecurityKeyOffer { challenge: string; host: string; house: string; userId: string; username: string; name: string; algorithms: number[]; known: KnownKey[]; standsSeconds: number }
export interface SecurityKeyRow { id: string; name: string; host: string; createdAt: string; lastUsedAt: string | null }
/** here: the server's name that this browser has open, null for an address, where no key works. */
export interface OwnFactor { phone: boolean; recoveryCodesLeft: number | null; keys: SecurityKeyRow[]; here: string | null; sites: string[] }
export interface KeyAnswered { credentialId: string; clientData: string; authenticatorData: string; signature: string; userHandle?: string }
export interface SharedLogin { user: PersonRef; one: UsedFrom; other: UsedFrom; from: string; until: string }
export interface AccessWindow { weekday: number /* 1 is Monday */; from: number /* minutes since midnight */; to: number }
export interface Hours { windows: AccessWindow[]; graceMinutes: number }
export interface RoleHours { role: Role; hours: Hours | null /* always */ }
export interface UserHours { user: PersonRef; hours: Hours }
export interface AccessHours { roles: RoleHours[]; users: UserHours[] }
export type EmergencyWhy = "life-in-danger" | "called-to-help" | "on-duty" | "other";
export type Verdict = "justified" | "unjustified";
export interface EmergencyOpened { id: string; encounterId: string; endsAt: string }
export interface EmergencyCount { open: number }
export interface EmergencyOf { encounterId: string; patientName: string; patientCode: string; reason: string }
export interface EmergencyReview { verdict: Verdict; note: string; by: PersonRef; at: string }
export interface EmergencyRow { id: string; by: PersonRef; ward: string; why: EmergencyWhy; openedAt: string; endsAt: string; openedFrom: string | null; open: boolean; reviewDueAt: string; overdue: boolean;
  review: EmergencyReview | null; of: EmergencyOf | null /* for those who see patients */ }
export type Verb = "view" | "create" | "edit" | "cancel" | "restore";
export interface PolicyReach { role: Role; reach: "none" | "granted" | "ward" | "facility" }
export interface PolicyLine { subject: string; subjectName: string; verb: Verb; rights: string[]; reach: PolicyReach[]; inEmergency: boolean; ofReaders: boolean /* of a restricted record, by who is assigned to it */ }

export type ReasonCode = "wrong-patient" | "typo" | "remeasured" | "other";
export type Identifier = "name" | "code" | "birthDate" | "bed" | "barcode";
export interface WardBed { id: string; label: string; room: string; free: boolean }
export interface UnmatchedStudy { study: Study; proposals: Proposal[] }
