//! Time stamps between us and `openssl ts`: each takes what the other made, and neither takes it altered.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "stories assert the blunt way, and show what openssl said"
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use base64::{Engine, engine::general_purpose::STANDARD};
use benhan_sign::path::Purpose;
use benhan_sign::timestamp::ResponseError;
use benhan_sign::{
    Authority, Certificate, Crl, Evidence, KeyKind, Signer, SigningKey, StampRequest, TimestampAuthority,
};

/// 2026-11-22 20:31:05 UTC.
const NOW: i64 = 1_795_379_465_000_000;
const SIGNATURE: &[u8] = b"the value of a nurse's signature";

/// A hospital whose time-stamp authority lends its key to openssl.
struct Desk {
    folder: PathBuf,
    authority: Authority,
    crls: Vec<Crl>,
    key: SigningKey,
    certificate: Certificate,
    now: i64,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Desk {
    /// `now` is openssl's clock when it stamps.
    fn open(name: &str, kind: KeyKind, now: i64) -> Self {
        let folder = env::temp_dir().join(format!("benhan-openssl-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut authority = Authority::create("Bệnh viện Bến Hàn", KeyKind::P256, now).unwrap();
        let crls = authority.crls(now).unwrap();
        let key = SigningKey::generate(kind).unwrap();
        let certificate = authority.issue_time_stamper("Bệnh viện Bến Hàn", &key, now, 30).unwrap();
        let desk = Self { folder, authority, crls, key, certificate, now };
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", folded(desk.key.pkcs8()));
        desk.write("key.pem", pem.as_bytes());
        desk.write("tsa.pem", desk.certificate.to_pem().as_bytes());
        desk.write("issuing.pem", desk.authority.issuing().to_pem().as_bytes());
        desk.write("ca.pem", desk.authority.root().to_pem().as_bytes());
        desk.write("data", SIGNATURE);
        desk.write("serial", b"01\n");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).unwrap();
    }

    /// Whether openssl ends without an error.
    fn openssl(&self, arguments: &[&str]) -> bool {
        let run = Command::new("openssl").args(arguments).current_dir(&self.folder).output();
        let run = run.expect("openssl is installed");
        if !run.status.success() {
            eprintln!("openssl {}: {}", arguments.join(" "), String::from_utf8_lossy(&run.stderr));
        }
        run.status.success()
    }

    fn openssl_verifies(&self, response: &[u8], against: &[&str]) -> bool {
        self.write("judged.tsr", response);
        // openssl has no other clock than the machine's.
        let at = (self.now / 1_000_000).to_string();
        let verify = ["ts", "-verify", "-in", "judged.tsr", "-CAfile", "ca.pem", "-untrusted", "issuing.pem"];
        self.openssl(&[&verify[..], &["-attime", &at], against].concat())
    }

    fn evidence(&self) -> Evidence {
        let (pool, anchors) = ([self.authority.issuing().clone()], self.authority.anchors());
        let (crls, purpose) = (&self.crls, Purpose::TimeStamps);
        Evidence::gather_for(purpose, &self.certificate, &pool, crls, &anchors, self.now, self.now).unwrap()
    }

    fn answer(&self, request: &[u8]) -> Vec<u8> {
        let evidence = self.evidence();
        let signer = Signer::new(&self.key, &self.certificate, &evidence).unwrap();
        TimestampAuthority::new(signer).unwrap().answer(request, 42, self.now).unwrap()
    }
}

fn folded(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

fn machine_now() -> i64 {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since_1970.as_micros()).unwrap()
}

// Clauses: SIG-14
#[test]
fn openssl_accepts_our_time_stamps_and_finds_a_flipped_byte() {
    for (name, kind) in [("ours-p256", KeyKind::P256), ("ours-rsa", KeyKind::Rsa2048)] {
        let desk = Desk::open(name, kind, NOW);
        let response = desk.answer(&StampRequest::new(SIGNATURE).unwrap().to_der());
        assert!(desk.openssl_verifies(&response, &["-data", "data"]), "{name}");
        desk.write("other", b"another signature");
        assert!(!desk.openssl_verifies(&response, &["-data", "other"]));
        let mut changed = response.clone();
        let at = changed.len() - 10;
        changed[at] ^= 1;
        assert!(!desk.openssl_verifies(&changed, &["-data", "data"]), "one flipped byte of the signature");
        let time = changed.windows(15).position(|window| window == b"20261122203105Z").unwrap();
        let mut changed = response;
        changed[time + 13] = b'6';
        assert!(!desk.openssl_verifies(&changed, &["-data", "data"]), "one second more");
    }
}

#[test]
fn we_answer_what_openssl_asks() {
    let desk = Desk::open("asks", KeyKind::P256, NOW);
    for hash in ["-sha256", "-sha384", "-sha512"] {
        assert!(desk.openssl(&["ts", "-query", "-data", "data", hash, "-cert", "-out", "query.tsq"]));
        let response = desk.answer(&read(&desk.path("query.tsq")));
        assert!(desk.openssl_verifies(&response, &["-queryfile", "query.tsq"]), "{hash}");
    }
    assert!(desk.openssl(&["ts", "-query", "-data", "data", "-sha1", "-cert", "-out", "query.tsq"]));
    let response = desk.answer(&read(&desk.path("query.tsq")));
    assert!(!desk.openssl_verifies(&response, &["-queryfile", "query.tsq"]), "not with SHA-1");
}

const CONFIGURATION: &str = "[tsa]\ndefault_tsa = here\n[here]\nserial = serial\ncrypto_device = builtin\n\
    default_policy = 1.3.6.1.4.1.55555.1\nother_policies = 1.3.6.1.4.1.55555.2\ndigests = sha256, sha384, sha512\n\
    accuracy = secs:1, millisecs:500\nordering = yes\ntsa_name = yes\n";

// Clauses: SIG-10, SIG-14
#[test]
fn we_accept_the_time_stamps_of_openssl_and_find_a_flipped_byte() {
    let variants = [
        ("v2-p256", KeyKind::P256, "sha256", "sha256", "no"),
        ("v2-rsa", KeyKind::Rsa2048, "sha256", "sha512", "yes"),
        ("v1-rsa", KeyKind::Rsa2048, "sha1", "sha256", "yes"),
    ];
    for (name, kind, pinned_by, signed_by, whole_chain) in variants {
        let desk = Desk::open(name, kind, machine_now());
        let more =
            format!("signer_digest = {signed_by}\ness_cert_id_alg = {pinned_by}\ness_cert_id_chain = {whole_chain}\n");
        desk.write("tsa.cnf", (CONFIGURATION.to_owned() + &more).as_bytes());
        let request = StampRequest::new(SIGNATURE).unwrap().under("1.3.6.1.4.1.55555.2").unwrap();
        desk.write("query.tsq", &request.to_der());
        let reply = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"];
        let keys = ["-signer", "tsa.pem", "-inkey", "key.pem", "-chain", "issuing.pem"];
        assert!(desk.openssl(&[&reply[..], &keys[..]].concat()), "{name}");
        let response = read(&desk.path("reply.tsr"));
        let stamp = request.read(&response).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        assert!(stamp.is_over(SIGNATURE));
        assert!((stamp.time() - desk.now).abs() < 60_000_000, "openssl's clock is the machine's");
        let evidence = stamp.evidence(&[], &desk.crls, &desk.authority.anchors(), machine_now()).unwrap();
        assert_eq!((evidence.certificates.len(), evidence.crls.len()), (3, 2), "{name}");

        let mut changed = response;
        let at = changed.len() - 10;
        changed[at] ^= 1;
        assert!(matches!(request.read(&changed), Err(ResponseError::Stamp(_))), "{name}");
    }
}

#[test]
fn a_refusal_of_openssl_is_told_with_its_reason() {
    let desk = Desk::open("refuses", KeyKind::P256, machine_now());
    desk.write("tsa.cnf", (CONFIGURATION.to_owned() + "signer_digest = sha256\n").as_bytes());
    let request = StampRequest::new(SIGNATURE).unwrap().under("1.2.3.4").unwrap();
    desk.write("query.tsq", &request.to_der());
    let reply = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"];
    let keys = ["-signer", "tsa.pem", "-inkey", "key.pem"];
    let _ = desk.openssl(&[&reply[..], &keys[..]].concat());
    let told = request.read(&read(&desk.path("reply.tsr"))).unwrap_err().to_string();
    assert!(told.contains("unacceptedPolicy"), "{told}");
}
