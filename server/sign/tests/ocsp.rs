//! Answers about certificates between us and `openssl ocsp`: it answers what we ask, we believe what it may say and
//! nothing else, and what we keep it verifies again.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "stories assert the blunt way, and show what openssl said"
)]

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use base64::{Engine, engine::general_purpose::STANDARD};
use benhan_sign::authority::{Issuer, Profile, Request};
use benhan_sign::{
    Anchors, Certificate, CertificateProblem, Crl, Evidence, KeyKind, OcspAnswer, OcspError, OcspRequest, Proofs,
    Signer, SigningKey, Subject, cms, xades,
};

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
const SET: &[u8] = br#"{"temperature":37.2}"#;

/// A public CA with a nurse's certificate, whose responder is openssl.
struct Bureau {
    folder: PathBuf,
    now: i64,
    issuer: Issuer,
    anchors: Anchors,
    key: SigningKey,
    nurse: Certificate,
}

impl Drop for Bureau {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Bureau {
    fn open(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("benhan-ocsp-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let now = machine_now();
        let issuer = Issuer::root(&Subject::named("CA công cộng"), KeyKind::P256, now - DAY, now + 900 * DAY).unwrap();
        let key = SigningKey::generate(KeyKind::P256).unwrap();
        let nurse = issued(&issuer, "Nguyễn Thị Hương", &key, now);
        let anchors = Anchors::new(vec![issuer.certificate().clone()]);
        let bureau = Self { folder, now, issuer, anchors, key, nurse };
        bureau.write("ca.pem", bureau.issuer.certificate().to_pem().as_bytes());
        bureau.write("ca.key", pem(bureau.issuer.key()).as_bytes());
        bureau.write("nurse.pem", bureau.nurse.to_pem().as_bytes());
        let usage = "basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n";
        bureau.responder("responder", "ca", &format!("{usage}extendedKeyUsage=OCSPSigning\nnoCheck=ignored\n"));
        bureau.responder("checked", "ca", &format!("{usage}extendedKeyUsage=OCSPSigning\n"));
        bureau.responder("colleague", "ca", &format!("{usage}extendedKeyUsage=clientAuth\n"));
        bureau.knows('V');
        bureau
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.folder.join(name), content).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.folder.join(name)).unwrap()
    }

    /// What openssl printed, where it ended without an error.
    fn openssl(&self, arguments: &[&str]) -> Option<String> {
        let run = Command::new("openssl").args(arguments).current_dir(&self.folder).output();
        let run = run.expect("openssl is installed");
        let said = [run.stdout, run.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        if !run.status.success() {
            eprintln!("openssl {}: {said}", arguments.join(" "));
        }
        run.status.success().then_some(said)
    }

    /// A key with a certificate of the CA (`by`) for whoever answers in its place.
    fn responder(&self, name: &str, by: &str, extensions: &str) {
        self.write("extensions", extensions.as_bytes());
        let (key, request, made) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let subject = format!("/CN={name}");
        let new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", &key, "-out"];
        self.openssl(&[&new[..], &[&request, "-subj", &subject]].concat()).unwrap();
        let (ca, ca_key) = (format!("{by}.pem"), format!("{by}.key"));
        let sign = ["x509", "-req", "-in", &request, "-CA", &ca, "-CAkey", &ca_key, "-CAcreateserial", "-days", "30"];
        self.openssl(&[&sign[..], &["-extfile", "extensions", "-out", &made]].concat()).unwrap();
    }

    /// What the responder's books say of the nurse: V good, R revoked an hour ago.
    fn knows(&self, state: char) {
        let revoked = if state == 'R' { self.openssl_time(self.now - HOUR) + ",keyCompromise" } else { String::new() };
        let line =
            format!("{state}\t491231235959Z\t{revoked}\t{}\tunknown\t/CN=nurse\n", self.nurse.serial().to_uppercase());
        self.write("index.txt", line.as_bytes());
    }

    fn openssl_time(&self, at: i64) -> String {
        let date = Command::new("date").args(["-u", "-d", &format!("@{}", at / SECOND), "+%y%m%d%H%M%SZ"]).output();
        String::from_utf8(date.unwrap().stdout).unwrap().trim().to_owned()
    }

    fn request(&self) -> OcspRequest {
        OcspRequest::new(&self.nurse, self.issuer.certificate()).unwrap()
    }

    /// What openssl answers as `who`.
    fn answer(&self, request: &OcspRequest, who: &str, more: &[&str]) -> Vec<u8> {
        self.write("request.der", &request.to_der());
        self.answer_kept(who, more)
    }

    fn answer_kept(&self, who: &str, more: &[&str]) -> Vec<u8> {
        let (certificate, key) = (format!("{who}.pem"), format!("{who}.key"));
        let answer = ["ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", &certificate, "-rkey", &key];
        self.openssl(&[&answer[..], &["-reqin", "request.der", "-respout", "answer.der"], more].concat()).unwrap();
        self.read("answer.der")
    }

    fn asked(&self, who: &str, more: &[&str]) -> Result<OcspAnswer, OcspError> {
        let request = self.request();
        request.read(&self.answer(&request, who, more), &self.list(), self.now, true)
    }

    /// A list that names nobody.
    fn list(&self) -> Vec<Crl> {
        vec![self.issuer.crl(1, &[], self.now - HOUR, self.now + DAY).unwrap()]
    }

    fn gather(&self, crls: &[Crl], answers: &[OcspAnswer], at: i64) -> Result<Evidence, CertificateProblem> {
        Evidence::gather(&self.nurse, &[], Proofs { crls, answers }, &self.anchors, at)
    }
}

fn issued(issuer: &Issuer, name: &str, key: &SigningKey, now: i64) -> Certificate {
    let (subject, public_key) = (Subject::named(name), key.public_key_der());
    let (valid_from, valid_until) = (now - DAY, now + 300 * DAY);
    let request =
        Request { subject: &subject, public_key: &public_key, profile: Profile::Person, valid_from, valid_until };
    issuer.issue(&request).unwrap()
}

fn pem(key: &SigningKey) -> String {
    let text = STANDARD.encode(key.pkcs8());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

fn machine_now() -> i64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since_1970.as_micros()).unwrap()
}

// Clauses: SIG-7, SIG-10, SIG-11
#[test]
fn a_signature_is_proven_by_the_responder_alone() {
    let bureau = Bureau::open("good");
    for who in ["responder", "ca", "checked"] {
        let answer = bureau.asked(who, &["-ndays", "1"]).unwrap_or_else(|error| panic!("{who}: {error}"));
        let lists = if who == "checked" { bureau.list() } else { Vec::new() };
        let evidence = bureau.gather(&lists, &[answer], bureau.now).unwrap();
        // Whoever is appointed but not for good is proven by a list, which is then kept too.
        let lists = usize::from(who == "checked");
        assert_eq!((evidence.crls.len(), evidence.ocsps.len()), (lists, 1), "{who}");
        let signer = Signer::new(&bureau.key, &bureau.nurse, &evidence).unwrap();
        let years_later = bureau.now + 800 * DAY;
        let cms = cms::sign_detached(SET, &signer, bureau.now).unwrap();
        let report = cms::verify_detached(SET, &cms, &bureau.anchors, years_later);
        assert!(report.trusted(), "{who}: {:?}", report.findings);
        let xml = xades::sign_enveloped(b"<hoSo><ten>An</ten></hoSo>", &signer, bureau.now).unwrap();
        let report = xades::verify_xml(&xml, &bureau.anchors, years_later);
        assert!(report.trusted(), "{who}: {:?}", report.findings);

        bureau.write("set", SET);
        bureau.write("set.p7s", &cms);
        let verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "set.p7s", "-content", "set"];
        assert!(bureau.openssl(&[&verify[..], &["-CAfile", "ca.pem", "-purpose", "any"]].concat()).is_some());
        bureau.write("kept.der", &evidence.ocsps[0]);
        let judge = ["ocsp", "-respin", "kept.der", "-issuer", "ca.pem", "-cert", "nurse.pem", "-CAfile", "ca.pem"];
        // It would ask with a nonce of its own.
        let said = bureau.openssl(&[&judge[..], &["-no_nonce"]].concat()).unwrap();
        assert!(said.contains("verify OK") && said.contains("nurse.pem: good"), "{said}");
    }
}

// Clauses: SIG-11
#[test]
fn evidence_from_before_reads_as_it_was_and_new_evidence_keeps_the_answer() {
    let bureau = Bureau::open("kept");
    let old = bureau.gather(&bureau.list(), &[], bureau.now).unwrap();
    let text = serde_json::to_string(&old).unwrap();
    assert!(!text.contains("ocsps"), "to the byte as it was written before");
    assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), old);

    let answer = bureau.asked("responder", &["-ndays", "1"]).unwrap();
    let both = bureau.gather(&bureau.list(), &[answer], bureau.now).unwrap();
    assert_eq!((both.crls.len(), both.ocsps.len()), (0, 1), "the responder goes first");
    let read: Evidence = serde_json::from_str(&serde_json::to_string(&both).unwrap()).unwrap();
    assert_eq!(read, both);
    assert!(read.parsed().is_some());
}

// Clauses: SIG-7, SIG-10
#[test]
fn who_is_revoked_or_unknown_signs_nothing() {
    let bureau = Bureau::open("bad");
    bureau.knows('R');
    let revoked = bureau.asked("responder", &["-ndays", "1"]).unwrap();
    let problem = bureau.gather(&bureau.list(), std::slice::from_ref(&revoked), bureau.now).unwrap_err();
    assert!(matches!(problem, CertificateProblem::Revoked { .. }), "though the list is clean: {problem}");
    assert!(problem.vietnamese().contains("đã bị thu hồi"));
    let before = bureau.gather(&[], &[revoked], bureau.now - 2 * HOUR).unwrap_err();
    assert!(matches!(before, CertificateProblem::AnswerFromFuture { .. }), "a clock set back by two hours: {before}");

    bureau.write("index.txt", b"");
    let request = bureau.request();
    let unknown = bureau.answer(&request, "responder", &["-ndays", "1"]);
    assert_eq!(request.read(&unknown, &[], bureau.now, true).unwrap_err(), OcspError::Unknown);
    let unknown = OcspAnswer::from_der(&unknown).unwrap();
    let problem = bureau.gather(&[], std::slice::from_ref(&unknown), bureau.now).unwrap_err();
    assert!(matches!(problem, CertificateProblem::StatusUnknown { .. }), "{problem}");
    assert!(problem.vietnamese().contains("không biết chứng thư"), "{}", problem.vietnamese());
    let by_list = bureau.gather(&bureau.list(), &[unknown], bureau.now).unwrap();
    assert_eq!((by_list.crls.len(), by_list.ocsps.len()), (1, 0), "the list answers in its place");
    let problem = bureau.gather(&[], &[], bureau.now).unwrap_err();
    assert!(matches!(problem, CertificateProblem::NoRevocationList { .. }), "nobody answers: {problem}");
}

// Clauses: SIG-10
#[test]
fn an_answer_is_of_this_question_of_now_and_by_who_may_say_so() {
    let bureau = Bureau::open("forged");
    let (mine, other) = (bureau.request(), bureau.request());
    let to_other = bureau.answer(&other, "responder", &["-ndays", "1"]);
    let read = |answer: &[u8], at: i64, strict: bool| mine.read(answer, &[], at, strict);
    assert_eq!(read(&to_other, bureau.now, false).unwrap_err(), OcspError::OtherRequest, "a wrong nonce");
    let ask = ["ocsp", "-issuer", "ca.pem", "-cert", "nurse.pem", "-no_nonce", "-reqout", "request.der"];
    bureau.openssl(&ask).unwrap();
    let without = bureau.answer_kept("responder", &["-ndays", "1"]);
    assert!(read(&without, bureau.now, false).is_ok(), "made beforehand, as public CAs do");
    assert_eq!(read(&without, bureau.now, true).unwrap_err(), OcspError::OtherRequest, "where a nonce is demanded");

    let good = bureau.answer(&mine, "responder", &["-nmin", "30"]);
    assert!(read(&good, bureau.now, true).is_ok());
    assert_eq!(read(&good, bureau.now + HOUR, true).unwrap_err(), OcspError::Stale);
    assert_eq!(read(&good, bureau.now - HOUR, true).unwrap_err(), OcspError::FromFuture, "a clock set back");
    let stale = bureau.gather(&[], &[OcspAnswer::from_der(&good).unwrap()], bureau.now + HOUR).unwrap_err();
    assert!(matches!(stale, CertificateProblem::StaleAnswer { .. }), "{stale}");
    let lone = bureau.answer(&mine, "responder", &[]);
    assert!(read(&lone, bureau.now, true).is_ok());
    assert_eq!(read(&lone, bureau.now + HOUR, true).unwrap_err(), OcspError::Stale, "no next update: it was of then");

    for at in [good.len() - 5, good.len() / 2] {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        assert!(read(&flipped, bureau.now, true).is_err(), "byte {at}");
    }
    let by_colleague = bureau.answer(&mine, "colleague", &["-ndays", "1"]);
    assert_eq!(read(&by_colleague, bureau.now, true).unwrap_err(), OcspError::NotByIssuer, "not appointed to answer");
    let by_checked = bureau.answer(&mine, "checked", &["-ndays", "1"]);
    assert_eq!(read(&by_checked, bureau.now, true).unwrap_err(), OcspError::NotByIssuer, "no list tells about it");
    let stranger = SigningKey::generate(KeyKind::P256).unwrap();
    let of_stranger =
        Issuer::root(&Subject::named("CA công cộng"), KeyKind::P256, bureau.now - DAY, bureau.now + DAY).unwrap();
    bureau.write("stranger.pem", of_stranger.certificate().to_pem().as_bytes());
    bureau.write("stranger.key", pem(of_stranger.key()).as_bytes());
    let by_namesake = bureau.answer(&mine, "stranger", &["-ndays", "1"]);
    assert_eq!(read(&by_namesake, bureau.now, true).unwrap_err(), OcspError::NotByIssuer, "the CA's name, another key");

    let doctor = issued(&bureau.issuer, "Trần Đức Thắng", &stranger, bureau.now);
    let about_doctor = OcspRequest::new(&doctor, bureau.issuer.certificate()).unwrap();
    let read = about_doctor.read(&without, &[], bureau.now, false);
    assert_eq!(read.unwrap_err(), OcspError::OtherCertificate, "about another person");
}
