//! A hospital takes all of its data away, and another place takes it in and says the same.

use benhan_tests::database::{Database, postgres_server};
use benhan_tests::{TestHospital, on_each_database, process};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::Output;

on_each_database!(everything_is_handed_over_and_says_the_same_elsewhere, what_was_changed_on_the_way_is_not_taken_in,);

async fn benhan(hospital: &TestHospital, arguments: &[&OsStr]) -> Output {
    let mut command = tokio::process::Command::new(process::binary());
    command.args(arguments).envs(hospital.environment()).output().await.expect("it starts")
}

/// Everything of the hospital in a new folder.
async fn given(hospital: &TestHospital, name: &str) -> (PathBuf, Value) {
    let to = hospital.scratch(name);
    let (data, ground) = (hospital.data(""), "Biên bản bàn giao số 3");
    let arguments =
        ["export-all".as_ref(), "--json".as_ref(), "--data-dir".as_ref(), data.as_os_str(), "--to".as_ref()];
    let arguments = [&arguments[..], &[to.as_os_str(), "--ground".as_ref(), ground.as_ref()]].concat();
    let output = benhan(hospital, &arguments).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (to, serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// Into a new data folder, on the other kind of database where there is one.
async fn taken(hospital: &TestHospital, from: &Path, name: &str, to: Option<&Database>) -> Result<PathBuf, String> {
    let into = hospital.scratch(name);
    let mut command = tokio::process::Command::new(process::binary());
    command.arg("import-all").arg(from).arg("--into").arg(&into);
    if let Some(to) = to {
        command.args(["--database-url", &to.url()]);
    }
    let output = command.env_remove("BENHAN_DATABASE_URL").output().await.expect("it starts");
    match output.status.success() {
        true => Ok(into),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

fn tables(index: &Value) -> BTreeMap<String, (u64, String)> {
    let one = |sum: &Value| {
        let text = |name: &str| sum[name].as_str().unwrap().to_owned();
        (text("table"), (sum["rows"].as_u64().unwrap(), text("sha256")))
    };
    index["index"]["tables"].as_array().unwrap().iter().map(one).collect()
}

/// A record that is archived, one that is not, and images.
async fn works(hospital: &TestHospital) -> String {
    let (ha, viet, hoa) = (hospital.login("ha").await, hospital.login("viet").await, hospital.login("hoa").await);
    let stay = super::archive::closed(&ha, &viet, "Nguyễn Văn Bàn Giao").await;
    super::archive::confirmed(hospital, &stay).await;
    hoa.post(&format!("/encounters/{stay}/record/archive"), json!(null)).await.ok();
    super::package::treated(hospital, "G08").await.number
}

fn lines(folder: &Path, table: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(format!("bang/{table}.jsonl"))).expect("a table");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

// Clauses: CV-III.2đ, C46-8.3
async fn everything_is_handed_over_and_says_the_same_elsewhere(mut hospital: TestHospital) {
    works(&hospital).await;
    let (_, beside) = given(&hospital, "beside the server").await;
    hospital.stop().await;
    let (folder, first) = given(&hospital, "handed over").await;
    let (before, after) = (tables(&beside), tables(&first));
    assert!(before.iter().all(|(table, (rows, _))| after[table].0 >= *rows), "the server ran meanwhile");

    // By tools that know nothing of us.
    let mut checked = std::process::Command::new("sha256sum");
    checked.args(["--quiet", "-c", "SHA256SUMS"]).current_dir(&folder);
    assert!(checked.status().expect("coreutils").success());
    let seal = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "SHA256SUMS.p7s", "-content", "SHA256SUMS"];
    let seal = std::process::Command::new("openssl")
        .args(seal)
        .args(["-CAfile", "tin-cay/ca.pem", "-purpose", "any", "-out", "/dev/null"])
        .current_dir(&folder)
        .output()
        .expect("openssl");
    assert!(seal.status.success(), "{}", String::from_utf8_lossy(&seal.stderr));

    // What it says is open, and secrets are not in it.
    let notes: Vec<Value> = lines(&folder, "document_version");
    assert!(notes.iter().any(|note| note["sealed"]["text"].as_str().is_some_and(|said| said.contains("Đỡ đau"))));
    assert!(lines(&folder, "patient").iter().any(|patient| patient["name"] == "Nguyễn Văn Bàn Giao"));
    let sheet = lines(&folder, "blob").into_iter().find_map(|blob| blob["bytes"]["file"].as_str().map(str::to_owned));
    assert!(fs::read(folder.join(sheet.expect("a sheet"))).unwrap().starts_with(b"%PDF"));
    let accounts = lines(&folder, "user_account");
    assert!(accounts.iter().all(|one| one["password_hash"].is_null() && one["pin_hash"].is_null()));
    assert!(lines(&folder, "certificate").iter().all(|one| one["wrapped_key"].is_null()));
    assert!(!folder.join("bang/session.jsonl").exists());
    let dictionary = fs::read_to_string(folder.join("tu-dien-du-lieu.md")).unwrap();
    assert!(dictionary.contains("## encounter") && dictionary.contains("| number | text | Số vào viện |"));

    // Each kind of database takes it in, and what it then hands over is the same to the byte.
    let other = postgres_server().map(|server| Database::empty(&server));
    for (name, to) in iter::once(("on sqlite", None)).chain(other.iter().map(|to| ("on postgresql", Some(to)))) {
        let into = taken(&hospital, &folder, name, to).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut command = tokio::process::Command::new(process::binary());
        command.arg("verify").arg(&into).arg("--trust").arg(into.join("trust/ca.pem"));
        let proved = command.env_remove("BENHAN_DATABASE_URL").output().await.expect("it starts");
        assert!(proved.status.success(), "{name}: {}", String::from_utf8_lossy(&proved.stdout));
        let again = hospital.scratch(&format!("{name}, again"));
        let arguments = ["export-all", "--json", "--ground", "Đối chiếu sau bàn giao", "--data-dir"];
        let mut command = tokio::process::Command::new(process::binary());
        command.args(arguments).arg(&into).arg("--to").arg(&again).env_remove("BENHAN_DATABASE_URL");
        let output = command.output().await.expect("it starts");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let again = tables(&serde_json::from_slice(&output.stdout).expect("JSON"));
        // Taking in and handing over stand on the trail.
        let mut differ = after.iter().filter(|(table, sum)| again[*table] != **sum).map(|(table, _)| table.as_str());
        assert_eq!((differ.next(), differ.next()), (Some("audit"), None), "{name}");
        assert!(again["audit"].0 > after["audit"].0);
    }
    let missing = taken(&hospital, &folder, "on sqlite", None).await.expect_err("somebody's record is there");
    assert!(missing.contains("is not empty"), "{missing}");
}

/// A file of the handover with something else in it, and its sum as it now is.
fn changed(folder: &Path, name: &str, from: &str, to: &str) {
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{name} has {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let sums = std::process::Command::new("sh")
        .args([
            "-c",
            "find . -type f ! -name 'SHA256SUMS*' -printf '%P\\0' | sort -z | xargs -0 sha256sum > SHA256SUMS",
        ])
        .current_dir(folder)
        .status();
    assert!(sums.expect("coreutils").success());
}

// Clauses: CV-III.2đ
async fn what_was_changed_on_the_way_is_not_taken_in(mut hospital: TestHospital) {
    works(&hospital).await;
    hospital.stop().await;
    let (folder, _) = given(&hospital, "handed over").await;
    let patients = folder.join("bang/patient.jsonl");
    let whole = fs::read_to_string(&patients).unwrap();

    fs::write(&patients, whole.replacen("Nguyễn Văn Bàn Giao", "Nguyễn Văn Bàn Dao", 1)).unwrap();
    let no = taken(&hospital, &folder, "a", None).await.expect_err("a name is another");
    assert!(no.contains("bang/patient.jsonl is another file"), "{no}");
    fs::write(&patients, &whole).unwrap();
    fs::write(folder.join("bang/them.jsonl"), "{}").unwrap();
    let no = taken(&hospital, &folder, "a", None).await.expect_err("a file more");
    assert!(no.contains("bang/them.jsonl was not handed over"), "{no}");
    fs::remove_file(folder.join("bang/them.jsonl")).unwrap();

    // Whoever mends the sums as well is found by the tables' own.
    changed(&folder, "bang/patient.jsonl", "Nguyễn Văn Bàn Giao", "Nguyễn Văn Bàn Dao");
    let no = taken(&hospital, &folder, "a", None).await.expect_err("the table has another hash");
    assert!(no.contains("patient is not the same in both"), "{no}");
    changed(&folder, "bang/patient.jsonl", "Nguyễn Văn Bàn Dao", "Nguyễn Văn Bàn Giao");
    changed(&folder, "bang/ward.jsonl", "\"code\":", "\"mã\":");
    let no = taken(&hospital, &folder, "a", None).await.expect_err("a column is missing");
    assert!(no.contains("ward, line 1: code is missing"), "{no}");
    changed(&folder, "bang/ward.jsonl", "\"mã\":", "\"code\":");

    // Half a record is served by nobody; begun again it is whole.
    let into = hospital.scratch("a");
    let serve = benhan(&hospital, &["serve".as_ref(), "--data-dir".as_ref(), into.as_os_str()]).await;
    let said = String::from_utf8_lossy(&serve.stderr).into_owned();
    assert!(!serve.status.success() && said.contains("holds half of a record"), "{said}");
    taken(&hospital, &folder, "a", None).await.expect("whole");
}
