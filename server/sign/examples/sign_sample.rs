//! Writes a small world for other people's tools to judge: a CA, a PDF signed twice, the same with time
//! stamps and all evidence (by lists, or by a responder alone), a detached CMS over canonical JSON, a sealed audit export, and a certificate
//! request.
//!
//! `cargo run -p benhan-sign --example sign_sample -- OUT_DIR [INPUT.pdf]`

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs};

use base64::{Engine, engine::general_purpose::STANDARD};
use benhan_sign::audit_export::{FIRST_PREV, HeadBody, Header, Line, Row, row_hash, sign_head};
use benhan_sign::authority::{Issuer, Profile, Request, certificate_request};
use benhan_sign::cms::{canonical_json, sign_detached};
use benhan_sign::pades::{self, PdfSignature};
use benhan_sign::path::Purpose;
use benhan_sign::{
    Anchors, Authority, Certificate, Evidence, KeyKind, OcspRequest, Proofs, Signer, SigningKey, Subject,
    TimestampAuthority,
};
use lopdf::{Document, Object, Stream, dictionary};

type Outcome<T> = Result<T, Box<dyn Error>>;

const FACILITY: &str = "01234";
const FACILITY_NAME: &str = "Bệnh viện Đa khoa huyện Bến Hàn";
const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn main() -> Outcome<()> {
    let mut arguments = env::args().skip(1);
    let out = PathBuf::from(arguments.next().ok_or("usage: sign_sample OUT_DIR [INPUT.pdf]")?);
    fs::create_dir_all(&out)?;
    let sheet = match arguments.next() {
        Some(path) => fs::read(path)?,
        None => blank_sheet()?,
    };
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_micros())?;

    let mut authority = Authority::create(FACILITY_NAME, KeyKind::P256, now - 10 * MINUTE)?;
    let crls = authority.crls(now - 5 * MINUTE)?;
    fs::write(out.join("ca.pem"), authority.root().to_pem())?;
    fs::write(out.join("issuing.pem"), authority.issuing().to_pem())?;
    fs::write(out.join("crls.pem"), crls.iter().map(benhan_sign::Crl::to_pem).collect::<String>())?;

    let mut desk = Desk { authority, crls, now };
    let (nurse_key, nurse) = desk.person("Nguyễn Thị Hương", "NV-0042", KeyKind::P256)?;
    let (doctor_key, doctor) = desk.person("Trần Đức Thắng", "NV-0007", KeyKind::Rsa2048)?;
    write_json(&out, &desk, (&nurse_key, &nurse), "p256")?;
    write_json(&out, &desk, (&doctor_key, &doctor), "rsa")?;

    let once = desk.sign(&sheet, &nurse_key, &nurse, now - 2 * MINUTE, "Ký phiếu theo dõi chức năng sống")?;
    fs::write(out.join("signed-once.pdf"), &once)?;
    let twice = desk.sign(&once, &doctor_key, &doctor, now - MINUTE, "Bác sĩ duyệt")?;
    fs::write(out.join("signed.pdf"), &twice)?;

    write_lasting(&out, &sheet, now)?;
    write_answered(&out, &sheet, now)?;
    write_audit(&out, &desk)?;
    fs::write(out.join("request.csr"), certificate_request(&Subject::named(FACILITY_NAME), &doctor_key)?)?;

    desk.authority.revoke(&nurse, now);
    let revoked = desk.authority.crls(now)?;
    fs::write(out.join("crls-revoked.pem"), revoked.iter().map(benhan_sign::Crl::to_pem).collect::<String>())?;
    fs::write(out.join("nurse.pem"), nurse.to_pem())?;
    fs::write(out.join("doctor.pem"), doctor.to_pem())?;
    Ok(())
}

/// The authority with its current lists.
struct Desk {
    authority: Authority,
    crls: Vec<benhan_sign::Crl>,
    now: i64,
}

impl Desk {
    fn person(&self, name: &str, code: &str, kind: KeyKind) -> Outcome<(SigningKey, Certificate)> {
        let key = SigningKey::generate(kind)?;
        let subject = Subject {
            serial_number: Some(code.to_owned()),
            organizational_unit: Some("Khoa Nội tổng hợp".to_owned()),
            organization: Some(FACILITY_NAME.to_owned()),
            ..Subject::named(name)
        };
        let certificate = self.authority.issue_person(&subject, &key, self.now, 365)?;
        Ok((key, certificate))
    }

    fn evidence(&self, certificate: &Certificate) -> Outcome<Evidence> {
        let pool = [self.authority.issuing().clone()];
        Ok(Evidence::gather(certificate, &pool, &self.crls, &self.authority.anchors(), self.now)?)
    }

    fn sign(&self, pdf: &[u8], key: &SigningKey, who: &Certificate, at: i64, reason: &str) -> Outcome<Vec<u8>> {
        let evidence = self.evidence(who)?;
        let request = PdfSignature {
            signing_time: at,
            reason: Some(reason),
            location: Some(FACILITY_NAME),
            room_for_time_stamp: 4_000,
            ..PdfSignature::default()
        };
        Ok(pades::sign(pdf, &Signer::new(key, who, &evidence)?, &request)?)
    }
}

/// Sheets that are to be believed for long, made two days ago: `lasting.pdf` is signed twice, and the
/// certificate that signed `outlived.pdf` has ended since. Their CA is `lasting-ca.pem`.
fn write_lasting(out: &Path, sheet: &[u8], now: i64) -> Outcome<()> {
    let then = now - 2 * DAY;
    let mut authority = Authority::create(FACILITY_NAME, KeyKind::P256, then)?;
    let crls = authority.crls(then)?;
    fs::write(out.join("lasting-ca.pem"), authority.root().to_pem())?;
    let desk = Desk { authority, crls, now: then };
    let clock = Clock::open(&desk)?;
    let (nurse_key, nurse) = desk.person("Nguyễn Thị Hương", "NV-0042", KeyKind::P256)?;
    let (doctor_key, doctor) = desk.person("Trần Đức Thắng", "NV-0007", KeyKind::Rsa2048)?;
    let signed = desk.sign(sheet, &nurse_key, &nurse, then, "Ký phiếu theo dõi chức năng sống")?;
    let once = clock.last(&desk, &signed, &nurse, then + MINUTE)?;
    let signed = desk.sign(&once, &doctor_key, &doctor, then + 2 * MINUTE, "Bác sĩ duyệt")?;
    fs::write(out.join("lasting.pdf"), clock.last(&desk, &signed, &doctor, then + 3 * MINUTE)?)?;

    let key = SigningKey::generate(KeyKind::P256)?;
    let brief = desk.authority.issue_person(&Subject::named("Lê Văn Cũ"), &key, then, 1)?;
    let signed = desk.sign(sheet, &key, &brief, then, "Ký phiếu theo dõi chức năng sống")?;
    fs::write(out.join("outlived.pdf"), clock.last(&desk, &signed, &brief, then + MINUTE)?)?;
    Ok(())
}

/// `answered.pdf`: signer and clock are of a public CA (`answered-ca.pem`) and proven good by its responder alone, which is
/// `openssl ocsp`; no list is in it.
fn write_answered(out: &Path, sheet: &[u8], now: i64) -> Outcome<()> {
    let issuer = Issuer::root(&Subject::named("CA công cộng"), KeyKind::P256, now - DAY, now + 900 * DAY)?;
    let issue = |name: &str, profile: Profile| -> Outcome<(SigningKey, Certificate)> {
        let key = SigningKey::generate(KeyKind::P256)?;
        let (subject, public_key) = (Subject::named(name), key.public_key_der());
        let (valid_from, valid_until) = (now - DAY, now + 300 * DAY);
        let request = Request { subject: &subject, public_key: &public_key, profile, valid_from, valid_until };
        let certificate = issuer.issue(&request)?;
        Ok((key, certificate))
    };
    let (key, nurse) = issue("Nguyễn Thị Hương", Profile::Person)?;
    let (clock_key, clock) = issue("Dịch vụ cấp dấu thời gian", Profile::TimeStamps)?;
    let folder = out.join("answered");
    fs::create_dir_all(&folder)?;
    let key_pem =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(issuer.key().pkcs8()));
    fs::write(folder.join("ca.key"), key_pem)?;
    fs::write(folder.join("ca.pem"), issuer.certificate().to_pem())?;
    fs::write(out.join("answered-ca.pem"), issuer.certificate().to_pem())?;
    let book =
        [&nurse, &clock].map(|one| format!("V\t491231235959Z\t\t{}\tunknown\t/CN=x\n", one.serial().to_uppercase()));
    fs::write(folder.join("index.txt"), book.concat())?;
    let anchors = Anchors::new(vec![issuer.certificate().clone()]);
    let proven = |purpose: Purpose, whose: &Certificate| -> Outcome<Evidence> {
        let request = OcspRequest::new(whose, issuer.certificate())?;
        fs::write(folder.join("request.der"), request.to_der())?;
        let keys = ["-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key", "-ndays", "2"];
        let files = ["-reqin", "request.der", "-respout", "answer.der"];
        let run = Command::new("openssl").arg("ocsp").args(keys).args(files).current_dir(&folder).output()?;
        if !run.status.success() {
            return Err(String::from_utf8_lossy(&run.stderr).into());
        }
        let answers = [request.read(&fs::read(folder.join("answer.der"))?, &[], now, true)?];
        let proofs = Proofs { crls: &[], answers: &answers };
        Ok(Evidence::gather_for(purpose, whose, &[], proofs, &anchors, now, now)?)
    };
    let (evidence, of_clock) = (proven(Purpose::Documents, &nurse)?, proven(Purpose::TimeStamps, &clock)?);
    let request = PdfSignature { signing_time: now, room_for_time_stamp: 4_000, ..PdfSignature::default() };
    let signed = pades::sign(sheet, &Signer::new(&key, &nurse, &evidence)?, &request)?;
    let asked = pades::request_stamp(&signed)?;
    let authority = TimestampAuthority::new(Signer::new(&clock_key, &clock, &of_clock)?)?;
    let stamp = asked.read(&authority.answer(&asked.to_der(), 1, now)?)?;
    let whole = pades::add_evidence(&pades::add_stamp(&signed, &stamp)?, &[&evidence, &of_clock])?;
    fs::write(out.join("answered.pdf"), whole)?;
    Ok(())
}

/// The hospital's own time-stamp authority.
struct Clock {
    key: SigningKey,
    certificate: Certificate,
}

impl Clock {
    fn open(desk: &Desk) -> Outcome<Self> {
        let key = SigningKey::generate(KeyKind::P256)?;
        let certificate = desk.authority.issue_time_stamper(FACILITY_NAME, &key, desk.now, 365)?;
        Ok(Self { key, certificate })
    }

    /// Stamps the last signature at the instant `at`, and adds all that proves `signer` and this clock good.
    fn last(&self, desk: &Desk, pdf: &[u8], signer: &Certificate, at: i64) -> Outcome<Vec<u8>> {
        let (pool, anchors) = ([desk.authority.issuing().clone()], desk.authority.anchors());
        let purpose = Purpose::TimeStamps;
        let evidence = Evidence::gather_for(purpose, &self.certificate, &pool, &desk.crls, &anchors, at, at)?;
        let authority = TimestampAuthority::new(Signer::new(&self.key, &self.certificate, &evidence)?)?;
        let request = pades::request_stamp(pdf)?;
        let serial = u128::try_from(at)?;
        let stamp = request.read(&authority.answer(&request.to_der(), serial, at)?)?;
        let stamped = pades::add_stamp(pdf, &stamp)?;
        Ok(pades::add_evidence(&stamped, &[&desk.evidence(signer)?, &evidence])?)
    }
}

fn write_json(out: &Path, desk: &Desk, (key, who): (&SigningKey, &Certificate), name: &str) -> Outcome<()> {
    let set = serde_json::json!({"patient": "BN-000123", "temperature": {"value": 37.2, "unit": "Cel"}, "note": "ổn"});
    let bytes = canonical_json(&set)?;
    let evidence = desk.evidence(who)?;
    let signature = sign_detached(&bytes, &Signer::new(key, who, &evidence)?, desk.now)?;
    fs::write(out.join(format!("{name}.json")), bytes)?;
    fs::write(out.join(format!("{name}.json.p7s")), signature)?;
    Ok(())
}

fn write_audit(out: &Path, desk: &Desk) -> Outcome<()> {
    let chain = "0190a1b2-0000-7000-8000-000000000001".to_owned();
    let mut lines = vec![serde_json::to_string(&Header::new(FACILITY))?];
    let mut prev = FIRST_PREV;
    for seq in 1..=3 {
        let body = String::from_utf8(canonical_json(&serde_json::json!({"act": "view", "n": seq}))?)?;
        let hash = row_hash(&prev, body.as_bytes());
        let row = Row { chain: chain.clone(), seq, prev: hex::encode(prev), body, hash: hex::encode(hash) };
        lines.push(serde_json::to_string(&Line::Row(row))?);
        prev = hash;
    }
    let key = SigningKey::generate(KeyKind::P256)?;
    let seal = desk.authority.issue_seal(FACILITY, FACILITY_NAME, &key, desk.now, 365)?;
    let evidence = desk.evidence(&seal)?;
    let body = HeadBody::new(&chain, 3, &prev, desk.now, FACILITY);
    lines.push(serde_json::to_string(&Line::Head(sign_head(&body, &Signer::new(&key, &seal, &evidence)?, desk.now)?))?);
    fs::write(out.join("audit.jsonl"), lines.join("\n") + "\n")?;
    Ok(())
}

fn blank_sheet() -> Outcome<Vec<u8>> {
    let mut pdf = Document::with_version("1.7");
    let pages = pdf.new_object_id();
    let content = pdf.add_object(Stream::new(dictionary! {}, b"0 0 m 100 100 l S".to_vec()));
    let page = pdf.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => dictionary! {},
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    });
    let tree = dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 };
    pdf.objects.insert(pages, Object::Dictionary(tree));
    let catalog = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    pdf.trailer.set("Root", catalog);
    let id = Object::string_literal("0123456789abcdef");
    pdf.trailer.set("ID", vec![id.clone(), id]);
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes)?;
    Ok(bytes)
}
