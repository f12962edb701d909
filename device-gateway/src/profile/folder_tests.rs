//! The hospital's own files come, change, break and go while everything else goes on.

use super::*;
use crate::config::{DeviceEntry, GatewayConfig};
use std::fs;

fn profile(id: &str, more: &str) -> String {
    format!("id = \"{id}\"\ntitle = \"Máy {id}\"\napplication = [\"{id}*\"]\n{more}\n")
}

struct Ward {
    dir: tempfile::TempDir,
    folder: Folder,
    now: Micros,
}

impl Ward {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::new(dir.path());
        Self { dir, folder, now: 0 }
    }

    /// Each writing is a second after the one before it.
    fn write(&mut self, name: &str, text: &str) {
        self.now += 1_000_000;
        let path = self.dir.path().join(name);
        fs::write(&path, text).unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_micros(self.now.try_into().unwrap());
        fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
    }

    fn look(&mut self) -> bool {
        self.folder.look(self.now)
    }

    fn ids(&self) -> Vec<String> {
        self.folder.profiles().iter().map(|profile| profile.id.clone()).collect()
    }

    fn version(&self, id: &str) -> u32 {
        self.folder.profiles().iter().find(|profile| profile.id == id).unwrap().version
    }
}

#[test]
fn files_come_change_and_go() {
    let mut ward = Ward::open();
    assert!(!ward.look());
    ward.write("a.toml", &profile("abc", ""));
    ward.write(".a.toml.swp", "half");
    ward.write("notes.txt", "no profile");
    assert!(ward.look() && !ward.look(), "once");
    assert_eq!(ward.ids(), ["abc"]);
    ward.write("a.toml", &profile("abc", "version = 2"));
    assert!(ward.look());
    assert_eq!(ward.version("abc"), 2);
    fs::remove_file(ward.dir.path().join("a.toml")).unwrap();
    assert!(ward.look());
    assert!(ward.ids().is_empty());
}

#[test]
fn a_bad_file_leaves_the_old_one_working_and_says_so() {
    let mut ward = Ward::open();
    ward.write("a.toml", &profile("abc", "version = 3"));
    ward.look();
    ward.write("a.toml", &profile("abc", "version = 4\ncharst = \"utf-8\""));
    assert!(ward.look());
    assert_eq!(ward.version("abc"), 3, "the old one works on");
    let flaw = ward.folder.flaws().remove(0);
    assert!(flaw.has_older && flaw.file == "a.toml" && flaw.problem.contains("dòng 5"), "{flaw:?}");
    let since = flaw.since;
    ward.write("a.toml", &profile("abc", "version = 4\ncharst = \"utf-8\""));
    ward.look();
    assert_eq!(ward.folder.flaws()[0].since, since, "the same flaw is no new one");
    ward.write("a.toml", &profile("abc", "version = 5"));
    ward.look();
    assert_eq!((ward.version("abc"), ward.folder.flaws()), (5, Vec::new()));
}

#[test]
fn a_file_that_never_was_good_gives_nothing_and_harms_no_other() {
    let mut ward = Ward::open();
    ward.write("a.toml", "id = ");
    ward.write("b.toml", &profile("bcd", ""));
    ward.write("c.toml", &profile("bcd", ""));
    ward.write("d.toml", &profile("cde", "[[test]]\ncode = [\"K\"]\nloinc = { \"mmol/L\" = \"2823-4\" }"));
    ward.look();
    assert_eq!(ward.ids(), ["bcd"]);
    let files: Vec<String> = ward.folder.flaws().into_iter().map(|flaw| flaw.file).collect();
    assert_eq!(files, ["a.toml", "c.toml", "d.toml"]);
}

#[test]
fn a_file_may_be_based_on_another_or_on_the_one_that_it_replaces() {
    let mut ward = Ward::open();
    ward.write("a.toml", &profile("first", "based_on = \"second\""));
    ward.write("b.toml", &profile("second", "based_on = \"chemistry\"\ndecimal_comma = true"));
    ward.write("c.toml", &profile("chemistry", "based_on = \"chemistry\"\nversion = 9"));
    ward.look();
    assert_eq!(ward.folder.flaws(), Vec::new());
    let first = ward.folder.profiles().into_iter().find(|profile| profile.id == "first").unwrap();
    assert!(first.decimal_comma);
    assert_eq!(first.loinc("GLU", "mmol/L"), Some("14749-6"));
    ward.write("b.toml", &profile("second", "based_on = \"first\""));
    ward.look();
    let files: Vec<String> = ward.folder.flaws().into_iter().map(|flaw| flaw.file).collect();
    assert_eq!(files, ["b.toml"], "of a circle the one that was changed stays as it was");
}

#[tokio::test]
async fn a_running_gateway_takes_up_what_is_put_there() {
    let mut ward = Ward::open();
    let readers = Arc::new(Readers::with(&[], "Asia/Ho_Chi_Minh").unwrap());
    let name = || readers.reader("mllp", "10.0.9.1", "newdevice").profile.id.clone();
    let shutdown = CancellationToken::new();
    let at_once = Duration::from_millis(1);
    let folder = Folder::new(ward.dir.path());
    let watching = tokio::spawn(watch(folder, Arc::clone(&readers), at_once, Surroundings::system(), shutdown.clone()));
    assert_eq!(name(), "");
    ward.write("a.toml", &profile("newdevice", ""));
    until(|| !name().is_empty()).await;
    ward.write("a.toml", "broken");
    until(|| !readers.flaws().is_empty()).await;
    assert_eq!(name(), "newdevice");
    shutdown.cancel();
    watching.await.unwrap();
}

async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it never comes");
}

#[test]
fn a_gateway_starts_although_a_profile_that_its_configuration_names_is_broken() {
    let mut ward = Ward::open();
    let mut config = GatewayConfig::new("x", benhan_uplink::UplinkConfig::new("https://emr", "t"));
    config.device =
        vec![DeviceEntry { channel: "mllp".into(), profile: "own-device".into(), ..DeviceEntry::default() }];
    assert!(
        Readers::new(&config, Some(&ward.folder)).is_err(),
        "a name that never was is a mistake of the configuration"
    );
    ward.write("a.toml", "id = \"own-device\"\n");
    ward.look();
    let readers = Readers::new(&config, Some(&ward.folder)).unwrap();
    let name = || readers.reader("mllp", "10.0.9.1", "something").profile.id.clone();
    assert_eq!((name().as_str(), readers.flaws().len()), ("", 1));
    ward.write("a.toml", "id = \"own-device\"\ntitle = \"X\"\n");
    ward.look();
    readers.take_up(&ward.folder);
    assert_eq!((name().as_str(), readers.flaws().len()), ("own-device", 0));
    fs::remove_file(ward.dir.path().join("a.toml")).unwrap();
    ward.look();
    readers.take_up(&ward.folder);
    assert_eq!(name(), "own-device", "what the configuration names is not lost while it runs");
}
