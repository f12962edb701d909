//! A record with images is destroyed: every bridge erases them, every pool beside the backups loses them, and only then
//! is the record gone.

use crate::destruction::{a_year_ends, archived, id, linked_to, now_at, proposes, short_terms};
use crate::house::House;
use crate::images::{examined, received, worklist_item};
use crate::record_life::code;
use benhan_contract::{AttentionAct, AttentionChoice, AttentionReport, Edge, EdgeKind, Outcome};
use benhan_domain::id::DestructionListId;
use benhan_server::app::destruction::{self, carry_on, catch_up};
use benhan_server::app::{attention, life};
use benhan_server::image_pools::{POOL, is_erased};
use benhan_store::image_removals;
use std::fs;
use uuid::Uuid;

/// As `linked_to` sends them.
const STUDY: &str = "study:1.7";
const IMAGE: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A bridge reports, and is told what to do.
async fn told(house: &House, kind: EdgeKind, name: &str, done: Vec<Uuid>) -> Vec<AttentionAct> {
    let report = AttentionReport { edge: Edge { kind, name: name.into() }, total: 0, items: Vec::new(), done };
    attention::report(&house.app, report).await.expect("taken").acts
}

fn asked(acts: &[AttentionAct]) -> Vec<(&str, AttentionChoice)> {
    acts.iter().map(|act| (act.key.as_str(), act.choice)).collect()
}

async fn note(h: &crate::record_life::Hospital, of: DestructionListId) -> String {
    let list = now_at(h, of).await;
    assert_eq!((list.state.as_str(), list.records[0].state.as_str()), ("begun", "destroying"));
    list.records[0].note.clone()
}

// Clauses: RET-x, SEC-11
async fn images_go_from_every_bridge_and_every_pool_before_the_record_is_gone(house: House) {
    let mut h = short_terms(house).await;
    let stay = archived(&h, "26.0001", "Lê Văn Ảnh").await;
    linked_to(&h.house, stay, false).await;
    a_year_ends(&mut h);
    let app = &h.house.app;
    let folder = tempfile::tempdir().expect("a folder");
    let target = folder.path().join("target");
    let shelf = target.join(POOL).join("aa");
    fs::create_dir_all(&shelf).expect("a pool");
    let (ours, other) = (shelf.join(format!("{IMAGE}.dcm")), shelf.join("ab.dcm"));
    fs::write(&ours, b"pixels").expect("written");
    fs::write(&other, b"pixels").expect("written");
    app.db.keys().copy_to(&target, 1).expect("copied");

    let of = id(&proposes(&h, &h.room, &[stay]).await.expect("listed"));
    destruction::approve(app, &h.director, of).await.expect("approved");
    destruction::begin(app, &h.room, of).await.expect("begun");
    carry_on(app).await.expect("carried on");
    assert!(note(&h, of).await.contains("Chờ máy lưu ảnh báo về"), "nobody knows who has them");

    // Two bridges report, and a gateway that is asked nothing.
    assert_eq!(asked(&told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![]).await), []);
    told(&h.house, EdgeKind::Pacs, "may-anh-2", vec![]).await;
    told(&h.house, EdgeKind::Gateway, "khoa-noi", vec![]).await;
    carry_on(app).await.expect("carried on");
    assert_eq!(note(&h, of).await, "Chờ máy lưu ảnh xóa ảnh: may-anh-1, may-anh-2");
    assert_eq!(asked(&told(&h.house, EdgeKind::Gateway, "khoa-noi", vec![]).await), []);
    let first = told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![]).await;
    assert_eq!(asked(&first), [(STUDY, AttentionChoice::Erase)]);
    assert!(ours.exists(), "the bridges first: a backup would bring it back");

    // What one says counts for that one alone.
    let act = first[0].id;
    told(&h.house, EdgeKind::Pacs, "may-anh-2", vec![act]).await;
    carry_on(app).await.expect("carried on");
    assert_eq!(note(&h, of).await, "Chờ máy lưu ảnh xóa ảnh: may-anh-1, may-anh-2");
    assert_eq!(asked(&told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![act]).await), []);
    carry_on(app).await.expect("carried on");
    assert_eq!(note(&h, of).await, "Chờ máy lưu ảnh xóa ảnh: may-anh-2");
    let second = told(&h.house, EdgeKind::Pacs, "may-anh-2", vec![]).await;
    told(&h.house, EdgeKind::Pacs, "may-anh-2", vec![second[0].id]).await;
    carry_on(app).await.expect("carried on");
    let list = now_at(&h, of).await;
    assert_eq!((list.state.as_str(), list.records[0].state.as_str()), ("done", "destroyed"));
    assert!(!ours.exists() && is_erased(&ours) && other.exists(), "this one, and no other");
    let minutes = list.minutes.expect("minutes");
    assert_eq!(minutes["records"][0]["erased"]["images"], 1);
    assert!(minutes["method"].as_str().is_some_and(|how| how.contains("xóa tệp ảnh chụp")), "{minutes}");
    assert_eq!(code(life::read(app, &h.room, stay).await), "record-destroyed");
    assert_eq!(app.db.read(image_removals::open).await.expect("read"), []);

    // The modality still has them, and sends them once more: nobody's, for a person to see.
    let other = h.house.admitted("26.0009", "Nguyễn Văn Sau", h.house.wards[0]).await;
    let mut again = examined(&worklist_item(&h.house, other).await);
    (again.study_uid, again.accession, again.patient_id) = ("1.7".into(), String::new(), "X".into());
    assert_eq!(received(&h.house, again).await, Outcome::Refused);
}

// Clauses: RET-x
async fn images_that_an_old_backup_brought_back_go_again(house: House) {
    let mut h = short_terms(house).await;
    let stay = archived(&h, "26.0001", "Lê Văn Cũ").await;
    linked_to(&h.house, stay, false).await;
    a_year_ends(&mut h);
    let app = &h.house.app;
    told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![]).await;
    app.db.keys().shred(stay, 1).expect("shredded elsewhere");
    assert_eq!(catch_up(app).await.expect("caught up"), 1);
    carry_on(app).await.expect("carried on");
    let acts = told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![]).await;
    assert_eq!(asked(&acts), [(STUDY, AttentionChoice::Erase)]);
    assert_eq!(catch_up(app).await.expect("meanwhile"), 0);
    told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![acts[0].id]).await;
    carry_on(app).await.expect("carried on");
    assert_eq!(app.db.read(image_removals::open).await.expect("read"), []);
    assert_eq!(code(life::read(app, &h.room, stay).await), "record-destroyed");
    assert_eq!(h.house.audited("destroy", "record").await, 2, "that it goes, and that its images went");
}

// Clauses: RET-x
async fn a_study_without_images_that_an_old_backup_brought_back_goes_too(house: House) {
    let mut h = short_terms(house).await;
    let stay = archived(&h, "26.0001", "Lê Văn Rỗng").await;
    linked_to(&h.house, stay, true).await;
    a_year_ends(&mut h);
    let app = &h.house.app;
    told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![]).await;
    app.db.keys().shred(stay, 1).expect("shredded elsewhere");
    assert_eq!(catch_up(app).await.expect("caught up"), 1);
    carry_on(app).await.expect("carried on");
    let acts = told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![]).await;
    assert_eq!(asked(&acts), [(STUDY, AttentionChoice::Erase)]);
    told(&h.house, EdgeKind::Pacs, "may-anh-1", vec![acts[0].id]).await;
    carry_on(app).await.expect("carried on");
    assert_eq!(app.db.read(image_removals::open).await.expect("read"), []);
}

on_both!(
    a_study_without_images_that_an_old_backup_brought_back_goes_too,
    images_go_from_every_bridge_and_every_pool_before_the_record_is_gone,
    images_that_an_old_backup_brought_back_go_again,
);
