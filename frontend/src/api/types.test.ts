// The hand-written types are held to the server's OpenAPI document (openapi/openapi.json, which a test of the server
// keeps equal to `benhan openapi`): what a screen reads must be sent, and what may be null must be read as such.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

interface Schema { type?: string | string[]; $ref?: string; oneOf?: Schema[]; items?: Schema; properties?: Record<string, Schema>; required?: string[] }
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const { components: { schemas } } = JSON.parse(read("../../openapi/openapi.json")) as { components: { schemas: Record<string, Schema> } };

const source = ts.createSourceFile("types.ts", read("./types.ts"), ts.ScriptTarget.Latest, true);
const interfaces = new Map(source.statements.filter(ts.isInterfaceDeclaration).map((one) => [one.name.text, one]));
const aliases = new Map(source.statements.filter(ts.isTypeAliasDeclaration).map((one) => [one.name.text, one.type]));

/** Schemas that the app calls by another name, or writes out where they are used. */
const NAMED: Record<string, string> = { VitalValueView: "VitalValue", EncounterView: "Encounter", PatientView: "Patient", SlotView: "FormSlot", FaultView: "Fault", Expansion: "Expanded" };
const INLINE = ["BedRef", "CertificateRef", "Critical", "EncounterPatient", "FacilityRef", "FailedForm", "FailedSet", "LastVitals", "Rejected", "SenderPatientView", "SeriesView", "SessionUser", "SignedChart", "SignedForm", "SignedSet", "Stay", "StudySender", "WaitingCounts", "WaitingReading"];
/** What is only sent: written out where it is sent, and refused by the server when it has a field too many. */
const BODIES = ["Admission", "Annulment", "Asked", "Brought", "Cancellation", "Cancelling", "Closing", "Conclusion", "CodeGiven", "ConsentBy", "Decided", "Decision", "DeferredConsent", "DigestAnswer", "Discharge", "Dismissal", "EndedReading", "EndedRequest", "EndedSealKeeper", "FirstCode", "IncidentEnd", "KitPassword", "KnownOfIt", "LiftedRestriction", "LinkedScan", "Login", "Looked", "LostPhone", "MadeKey", "Match", "MoreOfIt", "Move", "NewAnswers", "NewAuthority", "NewComputer", "NewCorrection", "NewDecision", "NewDestruction", "NewDuty", "NewEmergency", "NewGround", "NewHold", "NewHours", "NewHouseDecision", "NewIncident", "NewNote", "NewOrders", "NewPassword", "NewPin", "NewReader", "NewReaders", "NewRecordRequest", "NewRestriction", "NewReview", "NewSealKeeper", "NewSecurityIncident", "NewSubjectRequest", "NewTreating", "NewUse", "NewUser", "NewVitals", "NoteCorrection", "NoteTurn", "OneAnswer", "OpenForm", "PaperPrintout", "PaperSigned", "PatientSigns", "Pin", "PlaceToSign", "Rejection", "RejectionOfAll", "Release", "RemovedKey", "Renewal", "Restoration", "Retired", "RevokedSeal", "SaveForm", "ScannedEntry", "Seen", "SendCode", "SentReport", "SignForm", "SignForms", "SignNote", "SignSets", "SortedScan", "Sought", "StudyLink", "StudyUnlink", "SubjectAnswer", "SubjectReason", "TakenBack", "ToConfirm", "TokenAnswers", "Why", "WithdrawForm", "WithdrawnAuthority", "WithdrawnConsent", "WithdrawnDecision"];

const resolve = (schema: Schema): Schema => {
  const only = schema.$ref ? schemas[schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1)] : schema.oneOf?.find((one) => one.type !== "null");
  return only && only !== schema ? resolve(only) : schema;
};
const nullable = (schema: Schema) => [schema.type].flat().includes("null") || (schema.oneOf ?? []).some((one) => one.type === "null");
const kindOf = (schema: Schema) => [resolve(schema).type].flat().find((one) => one !== "null")?.replace("integer", "number") ?? "object";

/** Members of an interface and of those that it extends. */
function membersOf(node: ts.InterfaceDeclaration): ts.PropertySignature[] {
  const bases = (node.heritageClauses ?? []).flatMap((clause) => clause.types).flatMap((base) => interfaces.get(base.expression.getText()) ?? []);
  return [...bases.flatMap(membersOf), ...node.members.filter(ts.isPropertySignature)];
}
function parts(type: ts.TypeNode): ts.TypeNode[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap(parts);
  const alias = ts.isTypeReferenceNode(type) ? aliases.get(type.typeName.getText()) : undefined;
  return alias ? parts(alias) : [type];
}
function compare(where: string, type: ts.TypeNode, schema: Schema, optional: boolean): string[] {
  const all = parts(type);
  const isNull = (one: ts.TypeNode) => ts.isLiteralTypeNode(one) && one.literal.kind === ts.SyntaxKind.NullKeyword;
  const complaints = nullable(schema) && !optional && !all.some(isNull) ? [`${where} may be null`] : [];
  const kind = kindOf(schema);
  for (const one of all.filter((part) => !isNull(part))) {
    const mine = ts.isArrayTypeNode(one) ? "array" : ts.isLiteralTypeNode(one) ? "string" : ts.isTypeReferenceNode(one) || ts.isTypeLiteralNode(one) ? "object" : one.getText();
    if (mine !== kind) complaints.push(`${where} is sent as ${kind}, not ${mine}`);
    const { items } = resolve(schema);
    if (ts.isArrayTypeNode(one) && items) complaints.push(...compare(`${where}[]`, one.elementType, items, false));
    if (ts.isTypeLiteralNode(one)) complaints.push(...fields(where, one.members.filter(ts.isPropertySignature), resolve(schema)));
  }
  return complaints;
}
function fields(where: string, members: ts.PropertySignature[], schema: Schema): string[] {
  return members.flatMap((member) => {
    const name = member.name.getText();
    const sent = schema.properties?.[name];
    if (!schema.properties || !member.type) return [];
    if (!sent) return [`${where}.${name} is not sent`];
    return compare(`${where}.${name}`, member.type, sent, member.questionToken !== undefined);
  });
}

describe("the types agree with the server's OpenAPI document", () => {
  const compared = Object.keys(schemas).filter((name) => interfaces.has(NAMED[name] ?? name));
  it.each(compared)("%s", (name) => {
    const mine = interfaces.get(NAMED[name] ?? name);
    expect(mine && fields(name, membersOf(mine), schemas[name] ?? {})).toEqual([]);
  });
  it("leaves no schema without a type unseen", () => {
    expect(Object.keys(schemas).filter((name) => !compared.includes(name) && !INLINE.includes(name) && !BODIES.includes(name))).toEqual([]);
    expect(compared.length).toBeGreaterThan(25);
  });
});
