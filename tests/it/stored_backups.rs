//! Backups in an S3 store: carried whole, come back whole, and no half of one is ever taken for a backup.

use super::backups::{command, empty, ok, run, taken, target, text};
use benhan_tests::database::Database;
use benhan_tests::object_store::{Fault, ObjectStore};
use benhan_tests::{TestHospital, eventually, on_each_database, template};
use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::io::AsyncReadExt;

on_each_database!(
    a_backup_in_a_store_is_what_lies_in_the_folder_and_comes_back_from_there,
    the_server_carries_its_backups_and_keeps_as_many_there_as_it_is_told,
    a_kill_while_a_backup_is_carried_leaves_none_and_the_next_one_is_whole,
);

const PLACE: &str = "noi-1/sao-luu";
/// Two parts of an upload.
const LARGE: usize = 9 << 20;

async fn with_store(hospital: &mut TestHospital) -> (ObjectStore, String) {
    let store = ObjectStore::open().await;
    for (key, value) in store.settings() {
        hospital.set(&key, &value);
    }
    let place = ObjectStore::place(PLACE);
    (store, place)
}

/// Small ones, twelve.
fn images(hospital: &TestHospital) {
    (100..112).for_each(|byte| image(hospital, byte, 10_000));
}

/// One that goes in parts.
fn large_image(hospital: &TestHospital, byte: u8) {
    image(hospital, byte, LARGE);
}

fn image(hospital: &TestHospital, byte: u8, length: usize) {
    let bytes: Vec<u8> = (0..length).map(|at| byte.wrapping_add(u8::try_from(at % 251).expect("small"))).collect();
    let name = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&bytes));
    let folder = hospital.data("pacs/blobs").join(name.get(..2).expect("hex"));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(format!("{name}.dcm")), bytes).expect("an image");
}

/// Every file below a folder by its path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let all = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("an entry"));
    let all = all.filter(|entry| entry.file_type().is_file());
    all.map(|entry| {
        let name = entry.path().strip_prefix(folder).expect("below").to_str().expect("text").to_owned();
        (name, fs::read(entry.path()).expect("a file"))
    })
    .collect()
}

/// What must lie in a store after the newest backup of the folder was carried: all but the tools' own.
fn expected(hospital: &TestHospital) -> BTreeMap<String, Vec<u8>> {
    let mut all = files(&target(hospital));
    let newest = taken(hospital).pop().expect("a backup");
    let newest = newest.file_name().expect("a name").to_str().expect("text").to_owned();
    // The copies of the keys are compared by what they open.
    all.retain(|name, _| !name.starts_with("benhan-2") || name.starts_with(&newest));
    all.retain(|name, _| !name.starts_with("benhan-keys/"));
    all
}

fn stored(store: &ObjectStore) -> BTreeMap<String, Vec<u8>> {
    let mut all = store.objects(&format!("{PLACE}/"));
    all.remove("benhan-keys/records.db").expect("the wrapped keys lie beside it");
    all
}

/// Names alone: a difference of megabytes is not to be read.
fn assert_same(left: &BTreeMap<String, Vec<u8>>, right: &BTreeMap<String, Vec<u8>>) {
    let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(left), names(right));
    let differs: Vec<&String> = left.iter().filter(|(name, bytes)| right[*name] != **bytes).map(|(n, _)| n).collect();
    assert!(differs.is_empty(), "{differs:?}");
}

/// A secret key of age in a file, and the public one.
fn key(hospital: &TestHospital) -> (PathBuf, String) {
    let file = hospital.scratch("backup.key");
    let made = Command::new("age-keygen").args(["-o", text(&file)]).output().expect("age is installed");
    assert!(made.status.success());
    let public = Command::new("age-keygen").args(["-y", text(&file)]).output().expect("age is installed");
    (file, String::from_utf8(public.stdout).expect("text").trim().to_owned())
}

/// Each has the second of its own for its name.
async fn carried(hospital: &TestHospital, place: &str) -> Value {
    let said = eventually("a second of its own", async || {
        let (code, said) = run(hospital, &["backup", "--to", place, "--json"]).await;
        assert!(code == 0 || said.contains("is there already"), "{said}");
        (code == 0).then_some(said)
    });
    serde_json::from_str(&said.await).expect("JSON")
}

// Clauses: C46-10.2c, C13-2.4, SEC-6, C46-6.d
async fn a_backup_in_a_store_is_what_lies_in_the_folder_and_comes_back_from_there(mut hospital: TestHospital) {
    let (store, place) = with_store(&mut hospital).await;
    let (secret, public) = key(&hospital);
    hospital.set("BENHAN_BACKUP_RECIPIENTS", &format!("[\"{public}\"]"));
    images(&hospital);
    large_image(&hospital, 1);
    let first = carried(&hospital, &place).await;
    assert_eq!((&first["images"], &first["newImagesThere"]), (&Value::from(13), &Value::from(13)));
    assert_same(&stored(&store), &expected(&hospital));
    assert_eq!((store.unfinished_uploads(), store.refused()), (0, 0));
    let puts = store.puts();
    let manifests: Vec<usize> = (0..puts.len()).filter(|at| puts[*at].ends_with("/manifest.json")).collect();
    assert_eq!(manifests, [puts.len() - 1], "until then it is no backup");

    // What lies there is not sent again; and the way there is bad.
    large_image(&hospital, 2);
    store.fault(Fault::Busy(3));
    let second = carried(&hospital, &place).await;
    assert_eq!((&second["images"], &second["newImagesThere"]), (&Value::from(14), &Value::from(1)));
    let again = store.puts().iter().filter(|key| key.contains("/benhan-images")).count();
    assert_eq!(again, 2, "one image of two parts");
    large_image(&hospital, 3);
    store.fault(Fault::CutsUp(2, 1 << 20));
    carried(&hospital, &place).await;
    assert_eq!(store.unfinished_uploads(), 0);
    let newest = taken(&hospital).pop().expect("a backup");
    let name = newest.file_name().expect("a name").to_str().expect("text");
    let whole = stored(&store);
    for (file, bytes) in files(&newest) {
        assert!(whole.get(&format!("{name}/{file}")) == Some(&bytes), "{file}");
    }

    // It comes back, over a line that breaks, with nothing but what lay in the safe.
    let (into, scratch) = (hospital.scratch("again"), empty(&hospital));
    let url = scratch.as_ref().map(Database::url);
    let secrets = hospital.data("secrets");
    let mut restore = vec!["restore", &place, "--into", text(&into), "--identity", text(&secret)];
    restore.extend(["--secrets", text(&secrets), "--json"]);
    restore.extend(url.iter().flat_map(|url| ["--database-url", url]));
    store.fault(Fault::CutsDown(3, 100_000));
    let told: Value = serde_json::from_str(&ok(&hospital, &restore).await).expect("JSON");
    assert_eq!(told["images"], 15);
    assert!(told["payloads"]["opened"].as_u64() > Some(0), "{told}");
    assert_same(&files(&into.join("pacs/blobs")), &files(&hospital.data("pacs/blobs")));
    assert!(!into.join("restore.part").exists() && !into.join("restore.unfinished").exists());
    template::copy(&hospital.data("secrets"), &into.join("secrets"));
    let (code, report) = hospital.verify(&into, &hospital.data("trust/ca.pem")).await;
    assert_eq!(code, 0, "{report}");

    // And it is drilled from there.
    let empty = empty(&hospital);
    let url = empty.as_ref().map(Database::url);
    let mut drill = vec!["drill", "--from", &place, "--identity", text(&secret), "--json"];
    drill.extend(url.iter().flat_map(|url| ["--to-database", url]));
    let told: Value = serde_json::from_str(&ok(&hospital, &drill).await).expect("JSON");
    assert_eq!((&told["held"], &told["images"], &told["backup"]), (&true.into(), &15.into(), &Value::from(name)));
    assert!(!hospital.data("drill.part").exists());

    // Whoever changes one byte of it there is found out.
    let pool = whole.keys().find(|key| key.starts_with("benhan-images")).expect("an image").clone();
    for (key, says) in
        [(pool, ""), (format!("{name}/images.tsv"), "its hash differs"), (record(&whole, name), "its hash differs")]
    {
        let (key, kept) = (format!("{PLACE}/{key}"), whole[&key].clone());
        let mut other = kept.clone();
        *other.last_mut().expect("a byte") ^= 1;
        store.put(&key, &other);
        let (code, said) = run(&hospital, &drill).await;
        assert!(code == 1 && said.contains(says) && said.contains("không phục hồi được"), "{key}: {said}");
        store.put(&key, &kept);
    }
    // Nor does one count whose manifest is gone.
    store.remove(&format!("{PLACE}/{name}/manifest.json"));
    let (code, said) =
        run(&hospital, &["drill", "--from", &format!("{place}/{name}"), "--identity", text(&secret)]).await;
    assert!(code == 1 && said.contains("no finished backup"), "{said}");
}

fn record(all: &BTreeMap<String, Vec<u8>>, backup: &str) -> String {
    all.keys().find(|key| key.starts_with(&format!("{backup}/record."))).expect("the record").clone()
}

fn backups(store: &ObjectStore) -> Vec<String> {
    let all = store.objects(&format!("{PLACE}/"));
    all.keys().filter_map(|key| key.strip_suffix("/manifest.json")).map(str::to_owned).collect()
}

// Clauses: C46-10.2c, SEC-6
async fn the_server_carries_its_backups_and_keeps_as_many_there_as_it_is_told(mut hospital: TestHospital) {
    let (store, place) = with_store(&mut hospital).await;
    let to = target(&hospital);
    hospital.set("BENHAN_BACKUP_TARGET", text(&to));
    // The first place is in no bucket: it keeps the second from nothing.
    hospital.set("BENHAN_BACKUP_ALSO", &format!("[\"s3://khong-co/x\", \"{place}\"]"));
    hospital.set("BENHAN_BACKUP_KEEP", "1");
    images(&hospital);
    hospital.stop().await;
    hospital.restart().await;
    let first = eventually("its backup is in the store", async || backups(&store).pop()).await;
    assert!(to.join(&first).exists());
    assert!(hospital.log().contains("no such bucket"), "{}", hospital.log());
    let series = format!("benhan_backup_last_success_timestamp_seconds{{target=\"{place}\"}}");
    eventually("it is counted", async || (hospital.counted(&series).await > 1_700_000_000).then_some(())).await;
    assert_eq!(hospital.counted("benhan_backup_last_success_timestamp_seconds{target=\"s3://khong-co/x\"}").await, 0);
    eventually("a second of its own", async || (run(&hospital, &["backup"]).await.0 == 0).then_some(())).await;
    let newest = taken(&hospital).pop().expect("a backup");
    let newest = newest.file_name().expect("a name").to_str().expect("text").to_owned();
    eventually("the newest is in the store, alone", async || (backups(&store) == [newest.as_str()]).then_some(()))
        .await;
    let rest = format!("{PLACE}/{first}/");
    eventually("with all that was in it", async || store.objects(&rest).is_empty().then_some(())).await;
    // A server that is told to stop waits for no store.
    store.fault(Fault::Stalls("manifest.json"));
    eventually("a second of its own", async || (run(&hospital, &["backup"]).await.0 == 0).then_some(())).await;
    store.stalled().await;
    hospital.stop().await;
    assert_eq!(backups(&store), [newest.as_str()], "half of one is none");
    assert_eq!(store.refused(), 0);
}

// Clauses: C46-10.2c, C13-2.4
async fn a_kill_while_a_backup_is_carried_leaves_none_and_the_next_one_is_whole(mut hospital: TestHospital) {
    let (store, place) = with_store(&mut hospital).await;
    images(&hospital);
    large_image(&hospital, 1);
    // Before anything, in the pool, in a large image, among the files, before the keys, before the manifest.
    for at in ["benhan-probe", "benhan-images", "partNumber=2", "/record.", "benhan-keys", "manifest.json"] {
        store.fault(Fault::Stalls(at));
        let words = ["backup", "--to", &place].map(OsStr::new);
        eventually("a second of its own", async || {
            let mut child = command(&hospital, &words).spawn().expect("it starts");
            let mut said = String::new();
            let mut errors = child.stderr.take().expect("a voice");
            tokio::select! {
                () = store.stalled() => {
                    child.kill().await.expect("killed");
                    return Some(());
                }
                read = errors.read_to_string(&mut said) => drop(read.expect("text")),
            }
            assert!(said.contains("is there already"), "{at}: {said}");
            None
        })
        .await;
        store.well();
        assert!(backups(&store).is_empty(), "{at}");
    }
    let (code, said) = run(&hospital, &["drill", "--from", &place]).await;
    assert!(code == 1 && said.contains("holds no finished backup"), "{said}");
    assert!(store.unfinished_uploads() <= 1);
    // One of the images was destroyed meanwhile, as another server says: it leaves, and nobody brings it back or misses it.
    let shelf = format!("{PLACE}/benhan-images/");
    let gone = store.objects(&shelf).into_keys().next().expect("an image");
    let mark = gone.replace(".dcm", ".erased");
    store.put(&format!("{shelf}{mark}"), b"destroyed");
    store.fault(Fault::Damages(2));
    carried(&hospital, &place).await;
    assert_eq!(store.unfinished_uploads(), 0, "what the kills left of uploads is forgotten");
    let (mut left, mut ours) = (stored(&store), expected(&hospital));
    left.remove(&format!("benhan-images/{mark}")).expect("the mark stays");
    ours.remove(&format!("benhan-images/{gone}")).expect("the folder knows nothing of it");
    assert_same(&left, &ours);
    let (into, scratch) = (hospital.scratch("again"), empty(&hospital));
    let url = scratch.as_ref().map(Database::url);
    let mut restore = vec!["restore", &place, "--into", text(&into)];
    restore.extend(url.iter().flat_map(|url| ["--database-url", url]));
    ok(&hospital, &restore).await;
    assert_eq!(files(&into.join("pacs/blobs")).len(), 12);
}
