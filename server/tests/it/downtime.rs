//! The downtime kit: made by the clock for each ward alone, locked with its password, and still there when making fails.

use crate::house::House;
use benhan_domain::id::{KitTokenId, WardId};
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_server::app::downtime::{self, Fetched, NewToken};
use benhan_server::app::error::Kind;
use benhan_server::app::{AppError, administration};
use benhan_server::config::Downtime;
use benhan_server::kits::Kits;
use benhan_store::audit::Wanted;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const PASSWORD: &str = "khoa noi 2026!";

on_both!(
    a_kit_holds_its_wards_patients_and_opens_with_its_password_alone,
    a_kit_that_cannot_be_made_leaves_the_one_before,
    a_folder_that_is_away_harms_no_other,
    who_may_take_a_kit_and_who_may_set_its_password,
    a_computer_fetches_its_wards_kit_until_its_token_is_taken_back,
);

/// A hospital whose kits are small and go to these folders.
fn furnished(mut house: House, to: &[&str]) -> (House, Vec<PathBuf>) {
    let to: Vec<PathBuf> = to.iter().map(|folder| house.dir.path().join(folder)).collect();
    let settings = Downtime { to: to.clone(), forms: vec!["to-dieu-tri".into()], copies: 1, ..Downtime::default() };
    house.app.kits = Arc::new(Kits::new(house.dir.path().join("downtime"), settings));
    (house, to)
}

async fn locked_with(house: &House, password: &str) {
    downtime::set_password(&house.app, &house.administrator, None, Some(password.into())).await.expect("set");
}

/// The text of a locked PDF, by poppler; nothing where the password does not open it.
fn text(dir: &Path, bytes: &[u8], password: &str) -> Option<String> {
    fs::write(dir.join("taken.pdf"), bytes).expect("a file");
    let read = Command::new("pdftotext").args(["-raw", "-upw", password]).arg(dir.join("taken.pdf")).arg("-").output();
    let read = read.expect("pdftotext of poppler-utils");
    read.status.success().then(|| String::from_utf8_lossy(&read.stdout).replace('\u{200b}', ""))
}

fn code(error: AppError) -> &'static str {
    let AppError::Refused(no) = error else { panic!("{error}") };
    no.code
}

async fn exports(house: &House) -> usize {
    let wanted = Wanted { act: Some(benhan_domain::audit::Act::Export), ..Wanted::default() };
    let rows = administration::audit(&house.app, &house.administrator, wanted, 100).await.expect("the trail");
    rows.iter().filter(|row| row.subject_kind == "downtime-kit").count()
}

// Clauses: C46-5.c, SEC-5
async fn a_kit_holds_its_wards_patients_and_opens_with_its_password_alone(house: House) {
    let (house, _) = furnished(house, &[]);
    let [mine, other] = house.wards;
    let an = house.admitted("26.0001", "Nguyễn Văn An", mine).await;
    house.admitted("26.0002", "Lê Thị Khác", other).await;
    house.lies(an, mine, "G01", house.app.db.now().0).await;
    assert_eq!(downtime::round(&house.app).await.expect("a round"), 0, "without a password nothing is made");
    locked_with(&house, PASSWORD).await;
    assert_eq!(downtime::round(&house.app).await.expect("a round"), 2, "one for each ward");
    assert_eq!(downtime::round(&house.app).await.expect("a round"), 0, "and none before its time");

    let taken = downtime::take(&house.app, &house.nurse, mine).await.expect("her ward's");
    let dir = house.dir.path();
    let said = text(dir, &taken.bytes, PASSWORD).expect("opened");
    for word in ["NGUYỄN VĂN AN", "26.0001", "penicillin", "G01", "Theo dõi"] {
        assert!(said.contains(word), "{word} in:\n{said}");
    }
    assert!(!said.contains("KHÁC") && !said.contains("26.0002"), "nobody of the other ward");
    assert_eq!(text(dir, &taken.bytes, "khoa noi 2027!"), None);
    assert_eq!(text(dir, &taken.bytes, ""), None);
    assert_eq!(exports(&house).await, 1, "taking it is on the trail");
    for file in fs::read_dir(dir.join("downtime")).expect("a folder") {
        let bytes = fs::read(file.expect("a file").path()).expect("bytes");
        assert!(!bytes.windows(7).any(|w| w == b"26.0001" || w == "NGUYỄN".as_bytes()), "nothing lies in the clear");
    }

    house.later(16 * MINUTE);
    assert_eq!(downtime::round(&house.app).await.expect("a round"), 2, "a quarter of an hour later there are new ones");
    let again = downtime::take(&house.app, &house.nurse, mine).await.expect("her ward's");
    assert!(again.made > taken.made);
    downtime::set_password(&house.app, &house.administrator, Some(mine), Some("rieng khoa noi 7".into()))
        .await
        .expect("set");
    assert_eq!(downtime::round(&house.app).await.expect("a round"), 1, "a new password makes a new kit at once");
    let own = downtime::take(&house.app, &house.nurse, mine).await.expect("her ward's");
    assert!(text(dir, &own.bytes, "rieng khoa noi 7").is_some() && text(dir, &own.bytes, PASSWORD).is_none());
}

// Clauses: C46-5.c
async fn a_kit_that_cannot_be_made_leaves_the_one_before(house: House) {
    let (mut house, _) = furnished(house, &[]);
    let ward = house.wards[0];
    locked_with(&house, PASSWORD).await;
    downtime::round(&house.app).await.expect("a round");
    let first = downtime::take(&house.app, &house.nurse, ward).await.expect("a kit");
    // A form that the hospital took away, named in its configuration all the same: after a restart nothing is made.
    let settings = Downtime { forms: vec!["khong-co".into()], ..Downtime::default() };
    house.app.kits = Arc::new(Kits::new(house.dir.path().join("downtime"), settings));
    house.later(HOUR);
    assert_eq!(downtime::round(&house.app).await.expect("a round"), 0);
    let still = downtime::take(&house.app, &house.nurse, ward).await.expect("the kit before");
    assert_eq!((still.made, still.bytes), (first.made, first.bytes));
    let seen = downtime::overview(&house.app, &house.administrator).await.expect("an overview");
    let kit = seen.wards.iter().find(|kit| kit.ward.id == ward.to_string()).expect("the ward");
    assert!(kit.behind && kit.trouble.as_ref().is_some_and(|t| t.reason.contains("khong-co")), "{kit:?}");
    let nurse = downtime::overview(&house.app, &house.nurse).await.expect("an overview");
    assert!(nurse.wards[0].behind, "and the ward sees that it is old");
}

// Clauses: C46-5.c
async fn a_folder_that_is_away_harms_no_other(house: House) {
    let (house, to) = furnished(house, &["away", "noi"]);
    fs::create_dir(&to[1]).expect("a folder");
    locked_with(&house, PASSWORD).await;
    downtime::round(&house.app).await.expect("a round");
    let kits = |folder: &Path| fs::read_dir(folder).map_or(0, Iterator::count);
    assert_eq!(kits(&to[1]), 2, "one for each ward, and no half ones");
    let seen = downtime::overview(&house.app, &house.administrator).await.expect("an overview");
    let [away, there] = seen.wards[0].copies.as_slice() else { panic!("{seen:?}") };
    assert!(away.trouble.as_ref().is_some_and(|t| t.reason.contains("is not there")) && away.made_at.is_none());
    assert!(there.trouble.is_none() && there.made_at == seen.wards[0].made_at);
    assert_eq!(exports(&house).await, 2, "that copies leave is on the trail, a row for each ward");
    fs::create_dir(&to[0]).expect("a folder");
    house.later(16 * MINUTE);
    downtime::round(&house.app).await.expect("a round");
    assert_eq!(kits(&to[0]), 2, "it has come back");
    assert_eq!(exports(&house).await, 2, "and goes on for an hour in the same row");
}

// Clauses: SEC-1
async fn who_may_take_a_kit_and_who_may_set_its_password(house: House) {
    let (house, _) = furnished(house, &[]);
    let [mine, other] = house.wards;
    let app = &house.app;
    let short = downtime::set_password(app, &house.administrator, None, Some("ngan-qua".into())).await;
    assert_eq!(code(short.expect_err("short")), "invalid");
    assert_eq!(
        code(downtime::set_password(app, &house.nurse, None, Some(PASSWORD.into())).await.expect_err("no")),
        "forbidden"
    );
    assert_eq!(code(downtime::set_password(app, &house.administrator, None, None).await.expect_err("no")), "invalid");
    assert_eq!(code(downtime::take(app, &house.nurse, mine).await.err().expect("none yet")), "no-kit");
    locked_with(&house, PASSWORD).await;
    downtime::round(app).await.expect("a round");
    assert_eq!(code(downtime::take(app, &house.nurse, other).await.err().expect("not hers")), "forbidden");
    assert_eq!(code(downtime::take(app, &house.administrator, mine).await.err().expect("no patient")), "forbidden");
    assert_eq!(code(downtime::take(app, &house.technician, mine).await.err().expect("no ward")), "forbidden");
    assert!(downtime::take(app, &house.doctor, other).await.is_ok());
    let hers = downtime::overview(app, &house.nurse).await.expect("an overview");
    assert!(hers.wards.len() == 1 && hers.wards[0].takes && !hers.manages && hers.computers.is_empty(), "{hers:?}");
    let all = downtime::overview(app, &house.administrator).await.expect("an overview");
    assert!(all.wards.len() == 2 && all.manages && all.house_lock.is_some() && !all.wards[0].takes);
    assert!(!serde_json::to_string(&all).expect("JSON").contains(PASSWORD));
    let rows = administration::audit(app, &house.administrator, Wanted::default(), 200).await.expect("the trail");
    let trail = serde_json::to_string(&rows).expect("JSON");
    assert!(trail.contains("kit-password") && !trail.contains(PASSWORD));
}

async fn issued(house: &House, ward: WardId) -> (KitTokenId, String) {
    let new = NewToken { ward, label: "Máy trực khoa Nội".into() };
    let issued = downtime::issue_token(&house.app, &house.administrator, new).await.expect("issued");
    (issued.computer.id.parse().expect("an id"), issued.token)
}

async fn fetched(house: &House, token: &str, ward: &str, has: Option<Instant>) -> Result<Option<Instant>, AppError> {
    Ok(match downtime::fetch(&house.app, token, ward, has).await? {
        Fetched::New(taken) => Some(taken.made),
        Fetched::Same(_) => None,
    })
}

// Clauses: SEC-1, PDP-1
async fn a_computer_fetches_its_wards_kit_until_its_token_is_taken_back(house: House) {
    let (house, _) = furnished(house, &[]);
    let wards = benhan_server::app::board::wards(&house.app, &house.doctor).await.expect("wards");
    let code_of = |id: WardId| wards.iter().find(|w| w.id == id.to_string()).expect("a ward").code.clone();
    let (mine, other) = (code_of(house.wards[0]), code_of(house.wards[1]));
    locked_with(&house, PASSWORD).await;
    downtime::round(&house.app).await.expect("a round");
    let (id, token) = issued(&house, house.wards[0]).await;
    let first = fetched(&house, &token, &mine, None).await.expect("let in").expect("a kit");
    assert_eq!(fetched(&house, &token, &mine, Some(first)).await.expect("let in"), None, "it has the newest one");
    assert_eq!(code(fetched(&house, &token, &other, None).await.expect_err("another ward")), "other-ward");
    assert_eq!(code(fetched(&house, &"0".repeat(64), &mine, None).await.expect_err("no token")), "bad-token");
    house.later(16 * MINUTE);
    downtime::round(&house.app).await.expect("a round");
    assert!(fetched(&house, &token, &mine, Some(first)).await.expect("let in").is_some(), "there is a newer one");
    assert_eq!(exports(&house).await, 1, "a computer that goes on fetching is one row an hour");
    let seen = downtime::overview(&house.app, &house.administrator).await.expect("an overview");
    assert!(seen.computers[0].fetched_at.is_some() && seen.computers[0].fetched_kit_at.is_some());
    assert!(!serde_json::to_string(&seen).expect("JSON").contains(&token), "the token is shown once");

    downtime::revoke_token(&house.app, &house.administrator, id).await.expect("taken back");
    let refused = fetched(&house, &token, &mine, None).await.expect_err("taken back");
    assert!(matches!(&refused, AppError::Refused(no) if no.kind == Kind::Unauthenticated));
    let twice = downtime::revoke_token(&house.app, &house.administrator, id).await.expect_err("once");
    assert_eq!(code(twice), "already-handled");
    let nurse = NewToken { ward: house.wards[0], label: "x".into() };
    assert_eq!(code(downtime::issue_token(&house.app, &house.nurse, nurse).await.expect_err("no")), "forbidden");
}
