//! A record that only assigned staff read: a doctor restricts it, colleagues are kept out without being kept from their
//! work, and the director assigns others.

use crate::entry_scans::pulse;
use crate::house::{House, analyzed, group, reading};
use crate::images::{examined, received, worklist_item};
use crate::record_life::{Hospital, code, open};
use crate::signers::PIN;
use benhan_domain::emergency::Why;
use benhan_domain::id::{EncounterId, ObservationSetId, UserId};
use benhan_domain::restriction::Sensitivity;
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::notes::Words;
use benhan_server::app::results::ToRelease;
use benhan_server::app::signing;
use benhan_server::app::studies::qido::{self, StudySearch};
use benhan_server::app::{
    AppError, admission, board, charting, emergency, forms, life, notes, orders, patients, restriction, results,
};
use benhan_server::view::Occupant;
use benhan_server::view_access::RestrictionState;
use benhan_store::studies::Query;

on_both! {
    who_is_not_assigned_sees_that_there_is_a_record_and_no_more,
    who_looks_after_the_patient_goes_on_working,
    readers_come_and_go_and_a_doctor_stays,
    the_director_assigns_without_reading,
    an_emergency_opens_it_for_a_doctor_too,
    its_images_are_found_by_its_readers,
}

const REASON: &str = "Kết quả khẳng định HIV, người bệnh đề nghị giữ kín";

async fn again(h: &Hospital, who: &Caller) -> Caller {
    accounts::acting(&h.house.app, who.user.id).await.expect("as a request finds them")
}

fn of(who: &Caller) -> UserId {
    who.user.id
}

async fn restricted(h: &Hospital, stay: EncounterId, readers: &[&Caller]) -> RestrictionState {
    let readers = readers.iter().map(|who| of(who)).collect();
    let said = (Sensitivity::Hiv, REASON.to_owned());
    restriction::restrict(&h.house.app, &h.house.doctor, stay, said, readers).await.expect("restricted")
}

async fn opens(h: &Hospital, who: &Caller, stay: EncounterId) -> Result<(), AppError> {
    admission::open_chart(&h.house.app, &again(h, who).await, stay).await.map(drop)
}

async fn card(h: &Hospital, who: &Caller, stay: EncounterId) -> Occupant {
    let board = board::board(&h.house.app, &again(h, who).await, h.house.wards[0]).await.expect("the board");
    let mut cards = board.beds.into_iter().flat_map(|bed| bed.occupants);
    cards.find(|card| card.encounter_id == stay.to_string()).expect("the patient's card")
}

/// Admitted to the first ward, in a bed.
async fn binh(h: &Hospital) -> EncounterId {
    let stay = h.house.admitted("26.0001", "Trần Văn Bình", h.house.wards[0]).await;
    h.house.lies(stay, h.house.wards[0], "G01", h.house.app.db.now().0).await;
    stay
}

// Clauses: PDP-HIV
async fn who_is_not_assigned_sees_that_there_is_a_record_and_no_more(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, binh(&h).await);
    let silent = restriction::restrict(app, &h.house.doctor, stay, (Sensitivity::Hiv, " ".into()), vec![]).await;
    assert_eq!(code(silent), "invalid", "a reason in words is needed");
    let said = (Sensitivity::Hiv, REASON.to_owned());
    assert_eq!(code(restriction::restrict(app, &h.house.nurse, stay, said, vec![]).await), "forbidden");

    let state = restricted(&h, stay, &[&h.lan]).await;
    let shown = state.restriction.expect("there");
    assert_eq!((shown.kind, shown.reason.as_deref()), (Some(Sensitivity::Hiv), Some(REASON)));
    let mut readers: Vec<String> = shown.readers.iter().map(|reader| reader.user.id.clone()).collect();
    readers.sort();
    let mut wanted = vec![of(&h.house.doctor).to_string(), of(&h.lan).to_string()];
    wanted.sort();
    assert_eq!(readers, wanted, "who restricts it is the first of them");
    assert!(state.may_assign && state.may_lift && !state.may_restrict);

    for who in [&h.house.doctor, &h.lan] {
        opens(&h, who, stay).await.expect("assigned");
    }
    for who in [&h.an, &h.house.nurse, &h.room, &h.auditor, &h.director, &h.house.technician, &h.house.radiologist] {
        assert_eq!(code(opens(&h, who, stay).await), "restricted", "{}", who.user.name);
        let who = again(&h, who).await;
        assert_eq!(code(charting::chart(app, &who, stay, 0, i64::MAX).await), "restricted");
        assert_eq!(code(results::of_stay(app, &who, stay).await), "restricted");
        assert_eq!(code(orders::of_stay(app, &who, stay).await), "restricted");
        assert_eq!(code(notes::list(app, &who, stay).await), "restricted");
        assert_eq!(code(forms::entries(app, &who, stay).await), "restricted");
    }
    assert_eq!(
        code(opens(&h, &h.house.other_nurse, stay).await),
        "forbidden",
        "of another ward: not even that is told"
    );
    assert_eq!(code(restriction::read(app, &again(&h, &h.house.nurse).await, stay).await), "restricted");
    life::read(app, &h.room, stay).await.expect("the record room keeps what it does not read");

    let seen = card(&h, &h.house.nurse, stay).await;
    assert!(
        seen.restricted && seen.diagnosis.is_empty() && seen.name == "Trần Văn Bình",
        "the board says who lies there"
    );
    assert_eq!(card(&h, &h.lan, stay).await.diagnosis, "Theo dõi", "her readers see what for");
    let patient = seen.patient_id.parse().expect("an id");
    let page = patients::read(app, &again(&h, &h.an).await, patient).await.expect("the patient's page");
    assert!(page.encounters[0].restricted && page.encounters[0].diagnosis.is_empty());
    let page = patients::read(app, &again(&h, &h.lan).await, patient).await.expect("the patient's page");
    assert_eq!(page.encounters[0].diagnosis, "Theo dõi");
    assert_eq!(h.house.audited("create", "record-restriction").await, 1);
}

// Clauses: PDP-HIV
async fn who_looks_after_the_patient_goes_on_working(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, binh(&h).await);
    restricted(&h, stay, &[]).await;
    let (doctor, nurse) = (again(&h, &h.house.doctor).await, again(&h, &h.house.nurse).await);
    let placed = orders::place(app, &doctor, stay, vec!["DIENGIAI".into()], None).await.expect("ordered");

    let listed = orders::list(app, &nurse, Some(h.house.wards[0]), (None, None)).await.expect("what to take");
    assert_eq!((listed[0].name.as_str(), listed[0].code.as_str()), (orders::UNNAMED, ""));
    let barcode = listed[0].barcode.clone().expect("and into which tube");
    let taken = orders::collect(app, &nurse, listed[0].id.parse().expect("an id")).await.expect("taken");
    assert_eq!(taken.name, orders::UNNAMED);
    orders::label(app, &nurse, &barcode).await.expect("the tube's label");
    let listed = orders::list(app, &h.house.technician, None, (None, None)).await.expect("what to do");
    assert_eq!(listed[0].name, placed[0].name, "who runs the test knows which");

    h.house.arrives(analyzed(vec![group(&barcode, &[reading("K", "6.8")])])).await;
    let waiting = results::unreleased(app, &h.house.technician).await.expect("a list");
    let wanted = waiting.iter().map(|r| ToRelease { id: r.id.parse().expect("an id"), seen: None }).collect();
    results::release(app, &h.house.technician, wanted).await.expect("released");
    let seen = card(&h, &nurse, stay).await;
    assert!(seen.critical.is_none() && seen.new_results == 0, "its result is not on the ward's board");
    assert!(card(&h, &doctor, stay).await.critical.is_some(), "but on her doctor's");

    let entry = charting::Entry { effective_at: app.db.now(), values: pulse(), based_on: None };
    let set = charting::enter(app, &nurse, stay, entry, None).await.expect("what she measures she charts");
    assert_eq!(set.encounter_id, stay.to_string());
    let words = Words { course: "Tỉnh, tiếp xúc tốt".into(), care: "Thay băng".into() };
    notes::write(app, &nurse, stay, app.db.now(), words, None).await.expect("and what she did");
    let lan = again(&h, &h.lan).await;
    let entry = charting::Entry { effective_at: app.db.now(), values: pulse(), based_on: None };
    let hers = charting::enter(app, &lan, stay, entry, None).await.expect("another nurse's");
    let set: ObservationSetId = hers.id.parse().expect("an id");
    let signed = signing::sign_round(app, &lan, h.house.wards[0], vec![set], PIN.into()).await.expect("an answer");
    assert_eq!((signed.signed.len(), signed.failed.len()), (1, 0), "and signs it, without reading the rest");
    let drawn = signed.charts[0].document_id.parse().expect("an id");
    let sheet = |who: Caller| async move { signing::pdf(app, &who, drawn, 1).await.map(|_| ()) };
    assert_eq!(code(sheet(lan).await), "restricted", "the sheet that it drew says more than she wrote");
    sheet(again(&h, &h.house.doctor).await).await.expect("her doctor's to read");
    let on_board = card(&h, &nurse, stay).await;
    assert!(on_board.last_vitals.pulse.is_some(), "her values stand on the board");
    assert_eq!(code(notes::list(app, &nurse, stay).await), "restricted");
}

// Clauses: PDP-HIV
async fn readers_come_and_go_and_a_doctor_stays(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, binh(&h).await);
    restricted(&h, stay, &[&h.house.nurse]).await;
    let doctor = again(&h, &h.house.doctor).await;
    let offered = restriction::candidates(app, &doctor, stay).await.expect("colleagues");
    let offers = |who: &Caller| offered.iter().any(|one| one.id == of(who).to_string());
    assert!(offers(&h.an) && offers(&h.lan) && !offers(&h.house.nurse) && !offers(&doctor));
    assert!(!offers(&h.house.administrator), "who never reads charts is not asked to");
    let blind = restriction::assign(app, &doctor, stay, vec![of(&h.house.administrator)]).await;
    assert_eq!(code(blind), "invalid");
    assert_eq!(code(restriction::assign(app, &doctor, stay, vec![of(&h.house.nurse)]).await), "reads-already");
    let nurse = again(&h, &h.house.nurse).await;
    assert_eq!(code(restriction::assign(app, &nurse, stay, vec![of(&h.lan)]).await), "forbidden", "a doctor's to say");

    opens(&h, &nurse, stay).await.expect("assigned");
    restriction::dismiss(app, &doctor, stay, of(&nurse)).await.expect("dismissed");
    assert_eq!(code(opens(&h, &nurse, stay).await), "restricted", "at once");
    assert_eq!(code(restriction::dismiss(app, &doctor, stay, of(&nurse)).await), "version-conflict", "once");
    assert_eq!(code(restriction::dismiss(app, &doctor, stay, of(&doctor)).await), "last-doctor");
    restriction::assign(app, &doctor, stay, vec![of(&h.an), of(&h.an)]).await.expect("said twice, assigned once");
    let left = restriction::dismiss(app, &doctor, stay, of(&doctor)).await.expect("another doctor reads it");
    assert!(!left.may_assign && left.restriction.expect("there").kind.is_none(), "who left is told no more");
    assert_eq!(code(opens(&h, &doctor, stay).await), "restricted");

    let an = again(&h, &h.an).await;
    let lifted = restriction::lift(app, &an, stay, "Chẩn đoán đã loại trừ".into()).await.expect("lifted");
    assert!(lifted.restriction.is_none() && lifted.may_restrict);
    for who in [&h.house.nurse, &h.house.doctor, &h.auditor] {
        opens(&h, who, stay).await.expect("as any chart");
    }
    restricted(&h, stay, &[]).await;
    assert_eq!(code(opens(&h, &h.an, stay).await), "restricted", "who read it then does not read it now");
    let said = (Sensitivity::Other, "Người bệnh đề nghị".to_owned());
    let twice = restriction::restrict(app, &again(&h, &doctor).await, stay, said, vec![]).await;
    assert_eq!(code(twice), "restricted-already");
}

// Clauses: PDP-HIV
async fn the_director_assigns_without_reading(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, binh(&h).await);
    restricted(&h, stay, &[]).await;
    let seen = restriction::read(app, &h.director, stay).await.expect("who reads it");
    assert!(seen.may_assign && !seen.may_lift);
    let shown = seen.restriction.expect("there");
    assert!(shown.kind.is_none() && shown.reason.is_none(), "and not why");
    assert!(restriction::candidates(app, &h.director, stay).await.expect("colleagues").len() > 2);
    restriction::assign(app, &h.director, stay, vec![of(&h.an)]).await.expect("assigned");
    restriction::dismiss(app, &h.director, stay, of(&h.house.doctor)).await.expect("dismissed");
    opens(&h, &h.an, stay).await.expect("he treats the patient now");
    assert_eq!(code(opens(&h, &h.director, stay).await), "restricted");
    assert_eq!(code(restriction::lift(app, &h.director, stay, "Không cần nữa".into()).await), "forbidden");
    assert_eq!(h.house.audited("edit", "record-restriction").await, 2);
}

// Clauses: PDP-HIV, PDP-BG
async fn an_emergency_opens_it_for_a_doctor_too(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, binh(&h).await);
    restricted(&h, stay, &[]).await;
    for who in [&h.an, &h.house.nurse] {
        emergency::open(app, who, stay, Why::LifeInDanger, "Ngừng tuần hoàn tại giường".into()).await.expect("opened");
        opens(&h, who, stay).await.expect("for an hour");
    }
    let an = again(&h, &h.an).await;
    assert_eq!(card(&h, &an, stay).await.diagnosis, "Theo dõi");
    assert_eq!(code(restriction::assign(app, &an, stay, vec![of(&h.an)]).await), "restricted", "reading is all");
    assert_eq!(code(orders::place(app, &an, stay, vec!["GLU".into()], None).await), "restricted");
    h.house.later(61 * benhan_domain::time::MINUTE);
    assert_eq!(code(opens(&h, &h.an, stay).await), "restricted", "the hour is over");
}

// Clauses: PDP-HIV
async fn its_images_are_found_by_its_readers(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, h.house.admitted("26.0001", "Nguyễn Văn An", h.house.wards[0]).await);
    let study = examined(&worklist_item(&h.house, stay).await);
    let uid = study.study_uid.clone();
    received(&h.house, study).await;
    let found = |who: Caller, uids: Vec<String>| async move {
        let query = Query { study_uids: uids, ..Query::default() };
        let asked = StudySearch { query, ..StudySearch::default() };
        qido::studies(app, &who, asked, String::new()).await.expect("an answer").len()
    };
    assert_eq!(found(again(&h, &h.house.radiologist).await, vec![]).await, 1);
    restricted(&h, stay, &[&h.house.other_nurse]).await;
    for who in [&h.house.radiologist, &h.an, &h.house.nurse] {
        assert_eq!(found(again(&h, who).await, vec![uid.clone()]).await, 0, "{}", who.user.name);
        assert_eq!(found(again(&h, who).await, vec![]).await, 0);
    }
    assert_eq!(found(again(&h, &h.house.doctor).await, vec![]).await, 1);
    assert_eq!(found(again(&h, &h.house.other_nurse).await, vec![uid]).await, 1, "a reader of another ward");
}
