// Machines that nobody expected: a monitor on a bed that no map knows, and images without an order. What they send is
// kept and waits for a person.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { BASE, demo } from "./hospital.mjs";

const stamp = () => new Date(Date.now() + 7 * 3_600_000).toISOString().replace(/[-:T]/g, "").slice(0, 14);

/** ORU^R01 of a monitor whose bed is not on the map, with the patient that it was told of. */
export function unplaced({ name = "Nguyễn^Thị Lạ", code = "", sender = "MONITOR-KHO" } = {}) {
  const [at, id] = [stamp(), randomUUID().slice(0, 20)];
  const value = (n, mdc, word, figure, unit) => `OBX|${n}|NM|${mdc}^${word}^MDC|1.1.1.${mdc}|${figure}|${unit}|||||F|||${at}+0700`;
  return [
    `MSH|^~\\&|${sender}|WARD|BENHAN|HOSPITAL|${at}+0700||ORU^R01^ORU_R01|${id}|P|2.6|||AL|NE||UNICODE UTF-8`,
    `PID|||${code}^^^^PI||${name}`, "PV1||I|NOI^399^G99", `OBR|1||${id}|182777000^monitoring of patient^SCT|||${at}+0700`,
    value(1, "149530", "MDC_PULS_OXIM_PULS_RATE", 84, "264864^MDC_DIM_BEAT_PER_MIN^MDC"), value(2, "150456", "MDC_PULS_OXIM_SAT_O2", 96, "262688^MDC_DIM_PERCENT^MDC"),
  ];
}

/** A device of the hospital, as far as it speaks HL7: sends one message over MLLP and gives the answer. */
export function sendHl7(...segments) {
  const [VT, FS, CR] = ["\x0b", "\x1c", "\r"];
  return new Promise((done, fail) => {
    let answer = "";
    const line = connect(demo.ports.mllp, "127.0.0.1", () => line.write(VT + segments.join(CR) + CR + FS + CR));
    line.setEncoding("utf8").on("error", fail).on("close", () => fail(new Error("the gateway closed the line without an answer")));
    line.on("data", (piece) => {
      answer += piece;
      if (!answer.includes(FS)) return;
      done(answer.slice(1, answer.indexOf(FS)));
      line.end();
    });
  });
}
// dump2dcm takes lines of at most 4096 characters: 32 × 32 it is.
/** A small picture that belongs to no order, in the words of dcmtk's dump. */
export function unordered({ name, code, description = "Ảnh không có chỉ định" }) {
  const uid = () => `2.25.${BigInt(`0x${randomUUID().replaceAll("-", "")}`)}`;
  const pixels = Array.from({ length: 32 * 32 }, (_, i) => ((i % 32) * 8).toString(16).padStart(2, "0")).join("\\");
  return [
    "(0008,0005) CS [ISO_IR 192]", "(0008,0016) UI =SecondaryCaptureImageStorage", `(0008,0018) UI [${uid()}]`, `(0008,0020) DA [${stamp().slice(0, 8)}]`, `(0008,0030) TM [${stamp().slice(8)}]`, "(0008,0050) SH [NGOAI99]", "(0008,0060) CS [OT]", `(0008,1030) LO [${description}]`,
    `(0010,0010) PN [${name}]`, `(0010,0020) LO [${code}]`, "(0010,0030) DA [19600229]", "(0010,0040) CS [F]", `(0020,000d) UI [${uid()}]`, `(0020,000e) UI [${uid()}]`, "(0020,0011) IS [1]", "(0020,0013) IS [1]",
    "(0028,0002) US 1", "(0028,0004) CS [MONOCHROME2]", "(0028,0010) US 32", "(0028,0011) US 32", "(0028,0100) US 8", "(0028,0101) US 8", "(0028,0102) US 7", "(0028,0103) US 0", `(7fe0,0010) OB ${pixels}`,
  ];
}
/** A modality that asked no worklist: dcmtk sends one image. */
export function sendImage(elements) {
  const folder = mkdtempSync(join(tmpdir(), "benhan-image-"));
  const [text, file] = [join(folder, "image.txt"), join(folder, "image.dcm")];
  writeFileSync(text, elements.join("\n"));
  execFileSync("/usr/bin/dump2dcm", ["-q", "+te", text, file]);
  execFileSync("/usr/bin/storescu", ["-aet", "CT_DEMO", "-aec", "BENHAN", "127.0.0.1", String(demo.ports.dicom), file]);
  rmSync(folder, { recursive: true });
}

/** The UIDs in a dump: of the instance, and of its study. */
export const sopOf = (elements) => /\[(.+)\]/.exec(elements.find((line) => line.startsWith("(0008,0018)")))[1];
export const studyOf = (elements) => /\[(.+)\]/.exec(elements.find((line) => line.startsWith("(0020,000d)")))[1];

/** A bridge elsewhere in the house: it has told the server that this study is somebody else's. */
export function tellElsewhere(studyUid) {
  const data = dirname(process.env.BENHAN_DEMO ?? "../data/demo.json");
  const body = JSON.stringify({ id: randomUUID(), study_uid: studyUid, accession: "", patient_id: "NOI-KHAC", issuer: "", patient_name: "", birth_date: "", sex: "", study_date: "", study_time: "", description: "Ca chụp của cầu khác", station_ae: "CT9", received_at: 0, series: [] });
  return new Promise((done, fail) => {
    const headers = { Authorization: `Bearer ${readFileSync(join(data, "secrets/ingest.token"), "utf8").trim()}`, "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const asked = request(`${BASE}/ingest/studies`, { method: "POST", headers, ca: readFileSync(join(data, "tls/ca.pem")) }, (answer) => {
      answer.resume().on("end", () => (answer.statusCode === 202 ? done() : fail(new Error(`the server answered ${answer.statusCode}`))));
    });
    asked.on("error", fail).end(body);
  });
}
