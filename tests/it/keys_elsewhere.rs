//! Keys that the server does not hold, in the executable: what they sign is judged by others.

use super::csc::{CLIENT, Csc};
use super::softhsm::{CONF, DRIVER, Drawer};
use benhan_sign::{Authority, Certificate, KeyKind, SigningKey, Subject};
use benhan_tests::database::Kind;
use benhan_tests::{Actor, TestHospital, process};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tokio::process::Command;

const TOKEN_PIN: &str = "93-the-ha";
const SEAL_PIN: &str = "con-dau-pin";

struct Story {
    hospital: TestHospital,
    drawer: Drawer,
    authority: Authority,
}

impl Story {
    async fn open(csc: &Csc) -> Self {
        let folder = tempfile::Builder::new().prefix("benhan-hospital.").tempdir().unwrap();
        let drawer = folder.path().join("drawer");
        fs::create_dir(&drawer).unwrap();
        let drawer = Drawer::new(&drawer);
        let secret = folder.path().join("client.secret");
        fs::write(&secret, CLIENT.1).unwrap();
        let (conf, data) = (drawer.conf(), folder.path().join("data"));
        let settings = [
            (CONF, conf.to_str().unwrap()),
            ("BENHAN_PKCS11_MODULE", DRIVER),
            ("BENHAN_REMOTE_SIGNING_URL", &csc.url),
            ("BENHAN_REMOTE_SIGNING_CLIENT_ID", CLIENT.0),
            ("BENHAN_REMOTE_SIGNING_CLIENT_SECRET_FILE", secret.to_str().unwrap()),
        ];
        let hospital = TestHospital::at(Kind::Sqlite, &settings, folder, data).await.expect("SQLite is always there");
        let authority = fs::read_to_string(hospital.data("secrets/signing-authority.json")).unwrap();
        Self { hospital, drawer, authority: Authority::from_json(&authority).unwrap() }
    }

    fn issued(&self, actor: &Actor, kind: KeyKind) -> (SigningKey, Certificate, PathBuf) {
        let key = SigningKey::generate(kind).unwrap();
        let now = Timestamp::now().as_microsecond();
        let certificate = self.authority.issue_person(&Subject::named(&actor.staff.name), &key, now, 365).unwrap();
        let file = self.hospital.scratch(&format!("{}.pem", actor.staff.username));
        fs::write(&file, certificate.to_pem()).unwrap();
        (key, certificate, file)
    }

    /// `benhan …` beside the running server.
    async fn command(&self, args: &[&str], pin: &str) -> Output {
        let mut command = Command::new(process::binary());
        command.args(args).arg("--data-dir").arg(self.hospital.data("")).envs(self.hospital.environment());
        command.env("BENHAN_SIGNER_PIN", pin).output().await.expect("the executable starts")
    }

    /// A round that is signed, and its sheet as a file.
    async fn sheet(&self, who: &Actor, pin: &str) -> PathBuf {
        let board = who.get(&format!("/wards/{}/board", who.ward())).await.ok();
        let mut beds = board["beds"].as_array().unwrap().iter();
        let stay = beds.find_map(|bed| bed["occupants"][0]["encounterId"].as_str()).expect("somebody lies there");
        let body = json!({ "effectiveAt": Timestamp::now().to_string(), "values": super::trips::by_hand(88) });
        let set = who.post(&format!("/encounters/{stay}/vitals"), body).await.ok();
        let body = json!({ "pin": pin, "setIds": [set["id"]] });
        let done = who.post(&format!("/wards/{}/round/sign", who.ward()), body).await.ok();
        assert_eq!(done["failed"], json!([]), "{done}");
        let sheet = &done["charts"][0];
        let path = format!("/documents/{}/versions/{}/pdf", sheet["documentId"].as_str().unwrap(), sheet["version"]);
        let file = self.hospital.scratch(&format!("{}.pdf", who.staff.username));
        fs::write(&file, who.get(&path).await.bytes()).unwrap();
        file
    }

    /// Our verifier, pyHanko, pdfsig and, over a set that the sheet embeds, openssl.
    async fn judged(&self, sheet: &Path) {
        let ca = self.hospital.data("trust/ca.pem");
        let (code, report) = self.hospital.verify(sheet, &ca).await;
        assert_eq!(code, 0, "{report}");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let python = root.join(".venv/bin/python");
        if !python.exists() {
            eprintln!("not judged by others: {} is not there (`make setup`)", python.display());
            return;
        }
        let inside = sheet.with_extension("inside");
        fs::create_dir(&inside).unwrap();
        let taken = Command::new("pdfdetach").args(["-saveall", "-o"]).arg(&inside).arg(sheet).output().await.unwrap();
        assert!(taken.status.success(), "{}", String::from_utf8_lossy(&taken.stderr));
        let files: Vec<PathBuf> = fs::read_dir(&inside).unwrap().map(|file| file.unwrap().path()).collect();
        let signature = files.iter().filter(|file| file.extension().is_some_and(|e| e == "p7s")).max();
        let signature = signature.expect("a signature inside");
        let mut judge = Command::new(python);
        judge.arg(root.join("tests/third_party/signatures.py")).arg("--ca").arg(ca).arg("--pdf").arg(sheet);
        judge.arg("--cms").arg(signature.with_extension("")).arg(signature);
        let said = judge.output().await.unwrap();
        let text = String::from_utf8_lossy(&said.stdout);
        assert!(said.status.success() && text.contains(" 0 failed"), "{text}{}", String::from_utf8_lossy(&said.stderr));
    }
}

async fn account(boss: &Actor, username: &str) -> Value {
    let listed = boss.get("/users").await.ok();
    listed.as_array().unwrap().iter().find(|user| user["username"] == username).cloned().expect("an account")
}

// Clauses: SIG-8, SIG-19, C13-3, C46-13.1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_and_a_remote_service_sign_what_others_accept() {
    let csc = Csc::open().await;
    let story = Story::open(&csc).await;
    let (ha, tuan) = (story.hospital.login("ha").await, story.hospital.login("tuan").await);
    let boss = story.hospital.login("quantri").await;

    // By the command line, with the owner at the keyboard.
    let (key, _, pem) = story.issued(&ha, KeyKind::Rsa2048);
    let token = story.drawer.token("the-ha", TOKEN_PIN, &key).to_string();
    let seal = SigningKey::generate(KeyKind::P256).unwrap();
    let seal_key = story.drawer.token("con-dau", SEAL_PIN, &seal);
    let listed = story.command(&["certificate", "tokens", "--json"], "").await;
    let tokens: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let known = tokens
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|t| t["keys"].as_array().unwrap())
        .any(|k| k["key"] == token.as_str());
    assert!(known, "{tokens}");
    let bind = ["certificate", "bind", "--user", "ha", "--pem", pem.to_str().unwrap(), "--pkcs11", &token, "--prove"];
    let wrong = story.command(&bind, "0000").await;
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("Sai mã PIN của thẻ"));
    let bound = story.command(&bind, TOKEN_PIN).await;
    let told = String::from_utf8_lossy(&bound.stdout).into_owned();
    assert!(
        bound.status.success() && told.contains("its key has signed"),
        "{told}{}",
        String::from_utf8_lossy(&bound.stderr)
    );
    let who = ha.get("/auth/session").await.ok();
    assert_eq!(who["keyHolder"], "pkcs11", "the screen knows whose PIN to ask for");

    // By the administrator's screen.
    let (key, certificate, _) = story.issued(&tuan, KeyKind::P256);
    csc.keep("tuan-2026", (&key, &certificate), true);
    let her = account(&boss, "tuan").await;
    let path = format!("/users/{}/certificate", her["id"].as_str().unwrap());
    let body = json!({ "pem": certificate.to_pem(), "keyHolder": "remote", "keyReference": "tuan-2026", "pin": null });
    assert_eq!(ha.post(&path, body.clone()).await.refused(403), "forbidden", "an administrator's right");
    let typo = json!({ "pem": "", "keyHolder": "pkcs11", "keyReference": "no colon", "pin": null });
    assert_eq!(boss.post(&path, typo).await.refused(422), "invalid");
    let found = boss.post(&format!("{path}/check"), body.clone()).await.ok();
    assert_eq!((&found["proof"], found["path"].as_array().unwrap().len()), (&json!("shown"), 3));
    assert_eq!(account(&boss, "tuan").await["certificate"]["keyHolder"], "software", "looked at and not bound");
    assert_eq!(boss.post(&path, body).await.ok()["certificate"]["keyHolder"], "remote");

    story.judged(&story.sheet(&ha, TOKEN_PIN).await).await;
    story.judged(&story.sheet(&tuan, "12345678").await).await;

    seal_in_a_module(story, &seal, seal_key.id()).await;
}

/// The facility's seal moves into a module, and a package is sealed with it.
async fn seal_in_a_module(mut story: Story, seal: &SigningKey, id: &[u8]) {
    let now = Timestamp::now().as_microsecond();
    let certificate = story.authority.issue_seal("33001", "Bệnh viện", seal, now, 365).unwrap();
    story.hospital.stop().await;
    fs::write(story.hospital.data("trust/seal.pem"), certificate.to_pem()).unwrap();
    fs::remove_file(story.hospital.data("secrets/seal.pk8")).unwrap();
    fs::write(story.hospital.data("secrets/seal.pin"), format!("{SEAL_PIN}\n")).unwrap();
    story.hospital.set("BENHAN_SEAL_PKCS11", &format!("con-dau:{}", hex::encode(id)));
    story.hospital.restart().await;
    drop(story.hospital.login("ha").await);
    story.hospital.stop().await;
    story.hospital.assert_sealed().await;
    assert!(!story.hospital.log().contains("could not be signed"), "the heads are sealed by the module");
}
