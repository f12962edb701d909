//! Records whose term is over: listed by one person, approved by another, and nothing of them is left.

use crate::house::House;
use crate::images::{examined, received, worklist_item};
use crate::record_life::{Hospital, code, open, signed_form};
use crate::scans::glass;
use benhan_domain::encounter::Outcome;
use benhan_domain::id::{DestructionListId, EncounterId};
use benhan_domain::record::{HoldGround, Terms};
use benhan_domain::time::HOUR;
use benhan_server::app::accounts::Caller;
use benhan_server::app::destruction::{self, carry_on, catch_up};
use benhan_server::app::entry_scans::{self, Entry};
use benhan_server::app::life::{self, Shelf};
use benhan_server::app::notes::{self, Words};
use benhan_server::app::{AppError, charting, forms, patients, signing, studies};
use benhan_server::view_record::DestructionList;
use benhan_store::keys::{Key, KeyError};
use benhan_store::{Keyring, payloads};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

const WORDS: &str = "Ho ra máu lẫn bọt hồng";

/// A hospital whose records are kept until the end of the year.
pub async fn short_terms(house: House) -> Hospital {
    let mut h = open(house).await;
    h.house.app.terms = Terms { ordinary_years: 0, ..Terms::default() };
    h
}

/// Treated, with a note that says something, the scan of its paper and a signed sheet, archived.
pub async fn archived(h: &Hospital, number: &'static str, name: &'static str) -> EncounterId {
    let (app, ward) = (&h.house.app, h.house.wards[0]);
    let stay = h.house.admitted(number, name, ward).await;
    let set = crate::rounds::measures(&h.house, &h.lan, stay).await;
    signing::sign_round(app, &h.lan, ward, vec![set], crate::signers::PIN.into()).await.expect("signed");
    let words = Words { course: WORDS.into(), care: String::new() };
    let note = notes::write(app, &h.lan, stay, app.db.now(), words, None).await.expect("written");
    let note = note.id.parse().expect("an id");
    entry_scans::attach(app, &h.lan, Entry::Note(note), glass(number)).await.expect("attached");
    signing::sign_note(app, &h.lan, note, crate::signers::PIN.into()).await.expect("signed");
    signed_form(h, stay).await;
    h.leaves(stay, Outcome::Home).await;
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");
    stay
}

/// New Year comes, with fresh revocation lists.
pub fn a_year_ends(h: &mut Hospital) {
    h.house.later(60 * 24 * HOUR);
    let lists = h.authority.crls(h.house.app.db.now().0).expect("lists");
    h.house.app.trust.renew(lists);
}

pub async fn proposes(h: &Hospital, who: &Caller, stays: &[EncounterId]) -> Result<DestructionList, AppError> {
    let decision = "QĐ 15/QĐ-BV ngày 04/01/2027".to_owned();
    destruction::propose(&h.house.app, who, stays.to_vec(), decision, "Hết thời hạn lưu trữ".into()).await
}

pub fn id(list: &DestructionList) -> DestructionListId {
    list.id.parse().expect("an id")
}

fn kept(answer: Result<DestructionList, AppError>) -> BTreeMap<String, String> {
    match answer.expect_err("a refusal") {
        AppError::Refused(no) if no.code == "must-be-kept" => no.fields,
        other => panic!("{other:?}"),
    }
}

pub async fn now_at(h: &Hospital, of: DestructionListId) -> DestructionList {
    destruction::read(&h.house.app, &h.auditor, of).await.expect("a list")
}

fn states(list: &DestructionList) -> Vec<&str> {
    list.records.iter().map(|record| record.state.as_str()).collect()
}

// Clauses: RET-x, SEC-11, PDP-11, KCB-69.2
async fn two_people_destroy_what_is_over_and_nothing_of_it_is_left(house: House) {
    let mut h = short_terms(house).await;
    let stay = archived(&h, "26.0001", "Nguyễn Văn Hết").await;
    let held = archived(&h, "26.0002", "Trần Thị Giữ").await;
    let too_early = kept(proposes(&h, &h.room, &[stay]).await);
    assert!(too_early[&stay.to_string()].contains("Hết hạn vào 31/12 năm nay"), "{too_early:?}");
    a_year_ends(&mut h);
    let app = &h.house.app;

    for who in [&h.an, &h.lan, &h.auditor, &h.house.administrator] {
        assert_eq!(code(proposes(&h, who, &[stay]).await), "forbidden", "{}", who.user.name);
    }
    assert_eq!(code(proposes(&h, &h.room, &[]).await), "invalid");
    let due = h.shelf(Shelf::Due).await;
    assert_eq!(
        due.iter().map(|line| line.must_stay.as_deref()).collect::<Vec<_>>(),
        [None, None],
        "both may be listed"
    );
    let list = proposes(&h, &h.room, &[stay, held]).await.expect("listed");
    assert_eq!((list.size, list.records[0].kept_until.as_deref()), (2, Some("2026-12-31")));
    assert_eq!((list.state.as_str(), list.number.as_str(), list.may_approve), ("proposed", "27-TH000001", false));
    let due = h.shelf(Shelf::Due).await;
    assert!(due.iter().all(|line| line.must_stay.as_deref() == Some("Đã có trong danh mục 27-TH000001")), "{due:?}");
    let twice = kept(proposes(&h, &h.room, &[stay]).await);
    assert!(twice[&stay.to_string()].contains("27-TH000001"), "on one list at a time: {twice:?}");
    let of = id(&list);
    assert_eq!(code(destruction::begin(app, &h.room, of).await), "list-state", "one person is not two");
    assert_eq!(code(destruction::approve(app, &h.room, of).await), "forbidden");
    destruction::approve(app, &h.director, of).await.expect("approved");
    assert_eq!(code(destruction::approve(app, &h.director, of).await), "list-state", "once");
    life::hold(app, &h.room, held, HoldGround::Court, "Tòa án yêu cầu".into()).await.expect("held meanwhile");

    // A backup has a copy of the keys, and is in the cupboard when it begins.
    let folder = tempfile::tempdir().expect("a folder");
    let (target, cupboard) = (folder.path().join("target"), folder.path().join("cupboard"));
    fs::create_dir(&target).expect("a folder");
    app.db.keys().copy_to(&target, 1).expect("copied");
    fs::rename(&target, &cupboard).expect("taken away");
    assert_eq!(code(destruction::begin(app, &h.an, of).await), "forbidden");
    destruction::begin(app, &h.room, of).await.expect("begun");
    assert_eq!(code(destruction::cancel(app, &h.director, of, "Khoan".into()).await), "list-state", "too late");
    carry_on(app).await.expect("carried on");
    let list = now_at(&h, of).await;
    let mut seen = states(&list);
    seen.sort_unstable();
    assert_eq!((list.state.as_str(), seen), ("begun", vec!["destroying", "kept"]));
    let waits = list.records.iter().find(|record| record.state == "destroying").expect("one");
    assert!(waits.note.contains("Chờ nối lại nơi sao lưu"), "{}", waits.note);
    let why = list.records.iter().find(|record| record.state == "kept").expect("one");
    assert!(why.note.contains("Đang bị giữ"), "{}", why.note);
    assert_eq!(code(life::read(app, &h.room, stay).await), "record-destroyed", "nobody reads it meanwhile");

    assert_eq!(code(destruction::printed(app, &h.room, of).await), "list-state", "no minutes yet");

    fs::rename(&cupboard, &target).expect("brought back");
    carry_on(app).await.expect("carried on");
    let list = now_at(&h, of).await;
    assert_eq!(list.state, "done");
    assert_eq!(destruction::list(app, &h.director).await.expect("lists")[0].size, 2);
    assert_eq!(code(destruction::printed(app, &h.lan, of).await), "forbidden");
    assert_eq!(h.house.audited("print", "destruction-list").await, 0);
    for who in [&h.room, &h.director, &h.auditor] {
        let sheet = destruction::printed(app, who, of).await.expect("printed");
        assert!(sheet.number == "27-TH000001" && sheet.pdf.starts_with(b"%PDF"));
    }
    assert_eq!(h.house.audited("print", "destruction-list").await, 3);
    let said = printed(&destruction::printed(app, &h.room, of).await.expect("printed").pdf);
    for words in ["QĐ 15/QĐ-BV", h.director.user.name.as_str(), "26-LT000001", "Nguyễn Văn Hết", "2026", "Trần Thị Giữ"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains(WORDS), "nothing of what the record said");
    let minutes = list.minutes.expect("minutes");
    let line = minutes["records"].as_array().expect("lines").iter().find(|l| l["state"] == "destroyed").expect("one");
    assert_eq!((&line["erased"]["documents"], &line["archiveNumber"]), (&5.into(), &"26-LT000001".into()));
    assert!(line["manifests"].as_array().is_some_and(|hashes| hashes.len() == 1), "{line}");
    assert_eq!(minutes["approved"]["name"], h.director.user.name.as_str());

    let told = match life::read(app, &h.room, stay).await.expect_err("gone") {
        AppError::Refused(no) => no.detail,
        other => panic!("{other}"),
    };
    assert!(told.contains("tiêu hủy ngày") && told.contains("27-TH000001"), "{told}");
    assert_eq!(code(charting::chart(app, &h.an, stay, 0, i64::MAX).await), "record-destroyed");
    assert_eq!(code(notes::list(app, &h.an, stay).await), "record-destroyed");
    assert_eq!(code(forms::entries(app, &h.an, stay).await), "record-destroyed");
    assert_eq!(code(life::hold(app, &h.room, stay, HoldGround::Court, "Muộn".into()).await), "record-destroyed");
    let left = h.shelf(Shelf::Destroyed).await;
    assert_eq!((left.len(), left[0].patient_name.as_str()), (1, "Nguyễn Văn Hết"), "the catalogue's line stays");
    let archive = h.shelf(Shelf::Archived).await;
    assert_eq!(archive.iter().map(|line| line.encounter_id.clone()).collect::<Vec<_>>(), [held.to_string()]);
    assert_eq!(h.findings().await, Vec::<String>::new());
    let found = app.db.read(payloads::check).await.expect("a check");
    assert_eq!((found.broken, found.destroyed), (vec![], 0), "nothing is left that could not be opened");
    assert!(matches!(app.db.keys().to_open(stay), Err(KeyError::Shredded(_))));
    assert!(app.db.keys().to_open(held).is_ok(), "the other's key is untouched");
    assert!(matches!(copy(&target).to_open(stay), Err(KeyError::Shredded(_))), "beside the backups too");
    // begun; kept, destroying, destroyed.
    assert_eq!(h.house.audited("destroy", "destruction-list").await, 1);
    assert_eq!(h.house.audited("destroy", "record").await, 3);
}

fn printed(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("sheet.pdf");
    fs::write(&at, pdf).expect("written");
    let read = Command::new("pdftotext").arg(&at).arg("-").output().expect("poppler-utils is there");
    String::from_utf8(read.stdout).expect("text").replace('\u{200b}', "")
}

/// Images that fit nobody's order, or a study without any, which a radiologist links to this record.
pub async fn linked_to(house: &House, stay: EncounterId, empty: bool) {
    let other = house.admitted("26.0003", "Nguyễn Văn Khác", house.wards[0]).await;
    let mut stray = examined(&worklist_item(house, other).await);
    (stray.study_uid, stray.accession, stray.patient_id) = ("1.7".into(), String::new(), "X".into());
    if empty {
        stray.series.clear();
    }
    received(house, stray).await;
    let waiting = studies::unmatched(&house.app, &house.radiologist, None).await.expect("a list").remove(0);
    let (study, by) = (waiting.study.id.parse().expect("an id"), vec!["name".to_owned(), "birthDate".to_owned()]);
    studies::link(&house.app, &house.radiologist, study, stay, by).await.expect("linked");
}

// Clauses: RET-x
async fn what_is_due_says_why_it_must_stay(house: House) {
    let mut h = short_terms(house).await;
    let held = archived(&h, "26.0001", "Trần Thị Giữ").await;
    let pictured = archived(&h, "26.0002", "Lê Văn Ảnh").await;
    linked_to(&h.house, pictured, false).await;
    let reasons = async |h: &Hospital| {
        let due = h.shelf(Shelf::Due).await;
        due.into_iter().map(|line| (line.encounter_id, line.must_stay.unwrap_or_default())).collect::<BTreeMap<_, _>>()
    };
    let early = reasons(&h).await;
    assert!(early.len() == 2 && early.values().all(|why| why == "Hết hạn vào 31/12 năm nay"), "{early:?}");
    life::hold(&h.house.app, &h.room, held, HoldGround::Court, "Tòa án yêu cầu".into()).await.expect("held");
    a_year_ends(&mut h);
    let due = reasons(&h).await;
    assert!(due[&held.to_string()].contains("Đang bị giữ"), "{due:?}");
    assert_eq!(due[&pictured.to_string()], "", "images go with their record");
    let kept = kept(proposes(&h, &h.room, &[held, pictured]).await);
    assert_eq!(kept[&held.to_string()], due[&held.to_string()], "the list says what the refusal would");
    assert_eq!(kept.len(), 1);
    let words = destruction::propose(&h.house.app, &h.room, vec![held], "QĐ 高".into(), "Hết hạn".into()).await;
    assert_eq!(code(words), "invalid", "what the minutes cannot print");
}

fn copy(target: &Path) -> Keyring {
    let master = Key::from_hex(&"09".repeat(32)).expect("a key");
    Keyring::open(&target.join("benhan-keys/records.db"), master).expect("the copy")
}

// Clauses: RET-x, SEC-11
async fn a_place_of_backups_that_is_lost_is_forgotten_and_waited_for_no_more(house: House) {
    let mut h = short_terms(house).await;
    let stay = archived(&h, "26.0001", "Nguyễn Văn Chờ").await;
    a_year_ends(&mut h);
    let app = &h.house.app;
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("target");
    fs::create_dir(&target).expect("a folder");
    app.db.keys().copy_to(&target, 1).expect("copied");
    let name = app.db.keys().targets().expect("read").remove(0).folder;
    let of = id(&proposes(&h, &h.room, &[stay]).await.expect("listed"));
    destruction::approve(app, &h.director, of).await.expect("approved");
    destruction::begin(app, &h.room, of).await.expect("begun");
    assert_eq!(code(destruction::forget_target(&app.db, &name, "Ổ hỏng").await), "target-there");
    fs::rename(&target, folder.path().join("crushed")).expect("lost");
    carry_on(app).await.expect("carried on");
    assert_eq!(now_at(&h, of).await.state, "begun", "waits");
    assert_eq!(code(destruction::forget_target(&app.db, &name, " ").await), "invalid");
    assert_eq!(code(destruction::forget_target(&app.db, "/mnt/la", "Ổ hỏng").await), "not-found");
    assert_eq!(h.house.audited("cancel", "backup-target").await, 0);
    destruction::forget_target(&app.db, &name, "Ổ hỏng, đã nghiền").await.expect("forgotten");
    assert_eq!(h.house.audited("cancel", "backup-target").await, 1);
    carry_on(app).await.expect("carried on");
    assert_eq!(now_at(&h, of).await.state, "done");
}

// Clauses: RET-x
async fn what_comes_back_from_an_old_backup_does_not_open_and_goes_again(house: House) {
    let mut h = short_terms(house).await;
    let stay = archived(&h, "26.0001", "Nguyễn Văn Cũ").await;
    a_year_ends(&mut h);
    let app = &h.house.app;
    // As a restore leaves it: the rows of then, the keys of now.
    app.db.keys().shred(stay, 1).expect("shredded elsewhere");
    let found = app.db.read(payloads::check).await.expect("a check");
    assert!(found.broken.is_empty() && found.destroyed > 5, "{found:?}");
    assert_eq!(h.findings().await, Vec::<String>::new(), "destroyed, not broken");
    assert_eq!(catch_up(app).await.expect("caught up"), 1);
    assert_eq!(catch_up(app).await.expect("once"), 0);
    assert_eq!(code(life::read(app, &h.room, stay).await), "record-destroyed");
    let found = app.db.read(payloads::check).await.expect("a check");
    assert_eq!((found.opened > 0, found.destroyed), (false, 0), "{found:?}");
    let patient = patients::search(app, &h.room, "Nguyễn Văn Cũ".into(), 10).await.expect("found");
    assert_eq!(patient.len(), 1, "the patient is still known");
}

on_both!(
    a_place_of_backups_that_is_lost_is_forgotten_and_waited_for_no_more,
    what_is_due_says_why_it_must_stay,
    two_people_destroy_what_is_over_and_nothing_of_it_is_left,
    what_comes_back_from_an_old_backup_does_not_open_and_goes_again,
);
