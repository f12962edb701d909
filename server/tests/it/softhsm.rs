//! Tokens that are files: SoftHSM. Its driver reads where they lie from the environment when it is loaded, so a story with
//! tokens runs in a process of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use benhan_domain::certificate::TokenKey;
use benhan_sign::SigningKey;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

pub const DRIVER: &str = "/usr/lib/softhsm/libsofthsm2.so";
pub const CONF: &str = "SOFTHSM2_CONF";
const DRAWER: &str = "BENHAN_TEST_DRAWER";

/// A drawer with tokens.
pub struct Drawer {
    dir: PathBuf,
}

/// A drawer for the story of that name, in its own process; nothing where that process has told it.
pub fn alone(story: &str) -> Option<Drawer> {
    if let Some(dir) = env::var_os(DRAWER) {
        return Some(Drawer { dir: dir.into() });
    }
    let dir = tempfile::tempdir().expect("a folder");
    let drawer = Drawer::new(dir.path());
    let itself = env::current_exe().expect("this program");
    let told = Command::new(itself)
        .args([story, "--exact", "--nocapture", "--test-threads=1"])
        .env(CONF, drawer.conf())
        .env(DRAWER, dir.path())
        .output()
        .expect("a process");
    let said = String::from_utf8_lossy(&told.stdout);
    eprintln!("{said}{}", String::from_utf8_lossy(&told.stderr));
    assert!(told.status.success() && said.contains("1 passed"), "the story in its own process");
    None
}

impl Drawer {
    /// An empty one in that folder.
    pub fn new(dir: &Path) -> Self {
        let (drawer, tokens) = (Self { dir: dir.to_owned() }, dir.join("tokens"));
        fs::create_dir(&tokens).expect("a drawer");
        let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\n", tokens.display());
        fs::write(drawer.conf(), conf).expect("written");
        drawer
    }

    /// What the driver reads, named by [`CONF`].
    pub fn conf(&self) -> PathBuf {
        self.dir.join("softhsm2.conf")
    }

    /// A new token with this key in it.
    pub fn token(&self, label: &str, pin: &str, key: &SigningKey) -> TokenKey {
        self.util(&["--init-token", "--free", "--label", label, "--so-pin", "00000000", "--pin", pin]);
        self.pem(label, pin, &pem("PRIVATE KEY", key.pkcs8()), "01")
    }

    /// Another key into a token that is there.
    pub fn pem(&self, label: &str, pin: &str, key: &str, id: &str) -> TokenKey {
        let file = self.dir.join("key.pem");
        fs::write(&file, key).expect("written");
        let path = file.to_str().expect("a plain path");
        self.util(&["--import", path, "--token", label, "--label", "ky", "--id", id, "--pin", pin]);
        TokenKey::parse(&format!("{}:{id}", self.serial(label))).expect("a key")
    }

    /// Every token is pulled out.
    pub fn pull_out(&self) {
        for token in fs::read_dir(self.dir.join("tokens")).expect("a drawer") {
            fs::remove_dir_all(token.expect("a token").path()).expect("pulled out");
        }
    }

    /// A place for files of the story.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    fn serial(&self, label: &str) -> String {
        let listed = self.util(&["--show-slots"]);
        let mut serial = String::new();
        for line in listed.lines().map(str::trim) {
            if let Some(of) = line.strip_prefix("Serial number:") {
                of.trim().clone_into(&mut serial);
            }
            if line.strip_prefix("Label:").is_some_and(|of| of.trim() == label) {
                return serial;
            }
        }
        panic!("no token is labelled {label}: {listed}");
    }

    fn util(&self, args: &[&str]) -> String {
        let done = Command::new("softhsm2-util").args(args).env(CONF, self.conf()).output();
        let done = done.expect("softhsm2-util of the package softhsm2");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{args:?}: {said}{}", String::from_utf8_lossy(&done.stderr));
        said
    }
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("base64")).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}
