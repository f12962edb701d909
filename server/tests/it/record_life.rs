//! From the first entry to the archive, and what comes afterwards.

use crate::forms::FORM;
use crate::house::{House, MORNING, analyzed, group, monitored, reading, vital};
use crate::images::{examined, received, worklist_item};
use crate::rounds::measures;
use crate::signers::{PIN, certify, nurse, signer};
use benhan_contract::Outcome as Told;
use benhan_domain::access::{Role, ViewChart, system};
use benhan_domain::encounter::Outcome;
use benhan_domain::id::{EncounterId, InboxId};
use benhan_domain::lab::ResultStatus;
use benhan_domain::record::{HoldGround, RetentionClass, Terms};
use benhan_domain::time::{HOUR, Instant};
use benhan_render::Renderer;
use benhan_server::app::accounts::{self, Caller};
use benhan_server::app::forms::{self, Saved};
use benhan_server::app::life::{self, Shelf, check_manifests};
use benhan_server::app::notes::{self, Words};
use benhan_server::app::results::{self, ToRelease};
use benhan_server::app::sealing::SealKey;
use benhan_server::app::signing::{self, ToSign};
use benhan_server::app::{AppError, admission, charting, orders, studies};
use benhan_server::view_forms::FilledForm;
use benhan_server::view_record::{KeptRecord, RecordLife};
use benhan_sign::{Anchors, Authority, KeyKind, SigningKey};
use benhan_store::records;
use benhan_store::users::{self, NewUser};
use benhan_store::{DbUrl, StoreError, inbox};
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Arc;

const YEAR: i64 = 366 * 24 * HOUR;

pub struct Hospital {
    pub house: House,
    pub anchors: Anchors,
    pub authority: Authority,
    /// Of the first ward, with a PIN.
    pub lan: Caller,
    /// Two doctors with a PIN.
    pub an: Caller,
    pub head: Caller,
    pub room: Caller,
    pub auditor: Caller,
    pub director: Caller,
}

/// A hospital with a seal and a clock, with a record room.
pub async fn open(mut house: House) -> Hospital {
    let authority = certify(&mut house);
    let files = [("phieu-kham.toml", FORM)];
    house.app.renderer = Arc::new(Renderer::with_files(files).expect("the hospital's own form"));
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_seal("79001", "Bệnh viện Thử", &key, MORNING, 365).expect("a seal");
    house.app.seal = Some(Arc::new(SealKey { key, certificate }));
    let lan = nurse(&house, &authority, "lan", house.wards[0]).await;
    let room = works(&house, "plt", Role::RecordRoom).await;
    let auditor = works(&house, "ks", Role::Auditor).await;
    let director = signer(&house, &authority, ("gd", Role::Director, "Nguyễn Tiến Dũng".into()), vec![]).await;
    let an = signer(&house, &authority, ("an", Role::Doctor, "Phạm Văn An".into()), vec![]).await;
    let head = signer(&house, &authority, ("truong", Role::Doctor, "Lê Thị Trưởng".into()), vec![]).await;
    let anchors = Anchors::new(vec![authority.root().clone()]);
    Hospital { house, anchors, authority, lan, an, head, room, auditor, director }
}

async fn works(house: &House, username: &'static str, role: Role) -> Caller {
    let new = NewUser {
        username: username.into(),
        name: format!("Người {username}"),
        role,
        password_hash: house.doctor.user.password_hash.clone(),
        pin_hash: None,
        must_change_password: false,
        wards: vec![],
    };
    let added: Result<_, StoreError> = house.app.db.write(move |tx| users::add(tx, &new)).await;
    accounts::acting(&house.app, added.expect("added")).await.expect("at work")
}

impl Hospital {
    /// A patient of that name, measured, signed and gone home.
    pub async fn treated(&self, code: &'static str, name: &'static str) -> EncounterId {
        let (house, ward) = (&self.house, self.house.wards[0]);
        let stay = house.admitted(code, name, ward).await;
        let set = measures(house, &self.lan, stay).await;
        let signed = signing::sign_round(&house.app, &self.lan, ward, vec![set], PIN.into()).await.expect("an answer");
        assert_eq!(signed.signed.len(), 1);
        self.leaves(stay, Outcome::Home).await;
        stay
    }

    pub async fn leaves(&self, stay: EncounterId, how: Outcome) {
        admission::discharge(&self.house.app, &self.house.doctor, stay, how).await.expect("gone");
    }

    pub async fn closes(&self, stay: EncounterId) -> Result<RecordLife, AppError> {
        life::close(&self.house.app, &self.house.doctor, stay, vec![]).await
    }

    pub async fn archives(&self, stay: EncounterId) -> Result<RecordLife, AppError> {
        life::archive(&self.house.app, &self.room, stay).await
    }

    pub async fn shelf(&self, shelf: Shelf) -> Vec<KeptRecord> {
        life::list(&self.house.app, &self.room, shelf, None).await.expect("a list")
    }

    /// What an independent check of every manifest finds.
    pub async fn findings(&self) -> Vec<String> {
        let (anchors, now) = (self.anchors.clone(), self.house.app.db.now().0);
        let checked = self.house.app.db.read(move |conn| check_manifests(conn, &anchors, now)).await.expect("a check");
        checked.findings.into_iter().map(|f| f.what).collect()
    }

    /// Manifests with their seals, oldest first.
    async fn manifests(&self, stay: EncounterId) -> Vec<records::Manifest> {
        let read = self.house.app.db.read(move |conn| records::manifests(conn, &system::<ViewChart>(stay)));
        read.await.expect("manifests")
    }

    async fn releases_all(&self) {
        let house = &self.house;
        let waiting = results::unreleased(&house.app, &house.technician).await.expect("a list");
        let wanted = waiting.iter().map(|r| ToRelease { id: r.id.parse().expect("an id"), seen: Some(r.version) });
        results::release(&house.app, &house.technician, wanted.collect()).await.expect("released");
    }
}

pub fn code<T: std::fmt::Debug>(answer: Result<T, AppError>) -> &'static str {
    match answer.expect_err("a refusal") {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

/// Everything that the refusal names.
fn open_of(answer: Result<RecordLife, AppError>) -> BTreeMap<String, String> {
    match answer.expect_err("a refusal") {
        AppError::Refused(no) => {
            assert_eq!(no.code, "record-incomplete", "{}", no.detail);
            no.fields
        }
        other => panic!("{other}"),
    }
}

fn kinds(open: &BTreeMap<String, String>) -> Vec<&str> {
    open.keys().map(String::as_str).collect()
}

// Clauses: C46-2, C46-3.2b, KCB-69.2, C46-6.a
async fn a_record_is_closed_when_nothing_is_open_and_archived_under_the_seal(house: House) {
    let h = open(house).await;
    let (app, ward, doctor) = (&h.house.app, h.house.wards[0], &h.house.doctor);
    let stay = h.house.admitted("26.0001", "Nguyễn Văn An", ward).await;
    h.house.lies(stay, ward, "G01", MORNING).await;
    let set = measures(&h.house, &h.lan, stay).await;
    let words = Words { course: "Đau giảm".into(), care: "Thay băng".into() };
    let note = notes::write(app, &h.lan, stay, app.db.now(), words, None).await.expect("written");
    let order = orders::place(app, doctor, stay, vec!["DIENGIAI".into()], None).await.expect("ordered").remove(0);
    let at = app.db.now().0;
    h.house.arrives(monitored("NOI1", "G01", at, &[vital("8867-4", "80", "/min", Some(at))])).await;

    let open = open_of(h.closes(stay).await);
    assert_eq!(
        kinds(&open),
        ["device-set", "in-hospital", "missing-sheet", "order", "unsigned-note", "unsigned-set"],
        "all of it at once"
    );
    assert!(open["order"].contains("Điện giải đồ"), "{}", open["order"]);
    h.leaves(stay, Outcome::Home).await;
    charting::reject_all(app, doctor, stay, "Không dùng".into()).await.expect("refused");
    signing::sign_round(app, &h.lan, ward, vec![set], PIN.into()).await.expect("signed");
    signing::sign_note(app, &h.lan, note.id.parse().expect("an id"), PIN.into()).await.expect("signed");
    let barcode = order.barcode.expect("a tube");
    h.house.arrives(analyzed(vec![group(&barcode, &[reading("K", "4.1")])])).await;
    assert_eq!(kinds(&open_of(h.closes(stay).await)), ["order", "unreleased-result"]);
    h.releases_all().await;

    for who in [&h.lan, &h.room, &h.auditor, &h.house.technician] {
        assert_eq!(code(life::close(app, who, stay, vec![]).await), "forbidden", "{}", who.user.name);
    }
    assert_eq!(code(h.archives(stay).await), "record-not-closed");
    let closed = h.closes(stay).await.expect("complete");
    assert_eq!((closed.state.as_str(), closed.blocks.len()), ("closed", 0));
    assert_eq!(closed.kept_until.as_deref(), Some("2036-12-31"));
    let signers: Vec<_> = closed.signatures.iter().map(|s| (s.title.as_str(), s.count)).collect();
    assert_eq!(signers, [("Lượt đo chức năng sống", 1), ("Phiếu theo dõi chức năng sống", 1), ("Phiếu chăm sóc", 1)]);
    assert_eq!(code(h.closes(stay).await), "record-closed", "once");
    assert_eq!(h.shelf(Shelf::Waiting).await.len(), 1);

    assert_eq!(code(life::archive(app, doctor, stay).await), "forbidden");
    let archived = h.archives(stay).await.expect("archived");
    assert_eq!((archived.state.as_str(), archived.archive_number.as_deref()), ("archived", Some("26-LT000001")));
    assert_eq!(code(h.archives(stay).await), "record-archived");
    assert!(h.shelf(Shelf::Waiting).await.is_empty());
    let listed = life::list(app, &h.auditor, Shelf::Archived, None).await.expect("a list");
    assert_eq!((listed[0].disposal.as_deref(), listed[0].class.code.as_str()), (Some("too-early"), "ordinary"));
    assert_eq!(code(life::list(app, doctor, Shelf::Archived, None).await), "forbidden");

    let manifests = h.manifests(stay).await;
    let said: serde_json::Value = serde_json::from_str(&manifests[0].sealed.manifest).expect("JSON");
    let counts = serde_json::json!({
        "documents": 2, "signedSheets": 0, "patientSignatures": 0, "observationSets": 3, "orders": 1, "results": 2, "studies": 0, "images": 0, "signatures": 3,
    });
    assert_eq!((&said["counts"], &said["archiveNumber"]), (&counts, &serde_json::json!("26-LT000001")));
    let at = app.db.now().0;
    let sealed = &manifests[0].sealed;
    let report = benhan_sign::cms::verify_detached(sealed.manifest.as_bytes(), &sealed.seal, &h.anchors, at);
    assert!(report.trusted() && report.proven_time().is_some(), "sealed and stamped: {:?}", report.findings);
    assert_eq!(h.findings().await, Vec::<String>::new());
    assert_eq!(h.house.audited("edit", "record").await, 2, "closed, archived");
}

async fn saves(h: &Hospital, of: &FilledForm, field: &str, words: &str, reason: Option<&str>) -> FilledForm {
    let mut values = of.values.clone();
    values.insert(field.into(), words.into());
    let saved = Saved { seen: of.entry.version, effective_at: None, values, reason: reason.map(str::to_owned) };
    forms::save(&h.house.app, &h.an, of.entry.id.parse().expect("an id"), saved).await.expect("saved")
}

async fn signs(h: &Hospital, who: &Caller, of: &FilledForm, slot: &str) -> FilledForm {
    let document = of.entry.id.parse().expect("an id");
    let place = ToSign { document, version: of.entry.version, slot: slot.into() };
    signing::sign_form(&h.house.app, who, place, PIN.into()).await.expect("signed")
}

/// A sheet with all its words and both its signatures.
pub async fn signed_form(h: &Hospital, stay: EncounterId) -> FilledForm {
    let at = h.house.app.db.now();
    let opened = forms::open(&h.house.app, &h.an, stay, ("phieu-kham".into(), at), None).await.expect("opened");
    let found = saves(h, &opened, "findings", "Phổi trong", None).await;
    let whole = saves(h, &found, "outcome", "Đỡ", None).await;
    signs(h, &h.an, &whole, "author").await;
    signs(h, &h.head, &whole, "head").await
}

// Clauses: C46-3.2b
async fn a_sheet_without_its_second_signature_or_its_last_words_keeps_the_record_open(house: House) {
    let h = open(house).await;
    let stay = h.house.admitted("26.0001", "Bùi Văn Long", h.house.wards[0]).await;
    h.leaves(stay, Outcome::Home).await;
    let at = h.house.app.db.now();
    let opened = forms::open(&h.house.app, &h.an, stay, ("phieu-kham".into(), at), None).await.expect("opened");
    assert_eq!(kinds(&open_of(h.closes(stay).await)), ["unfinished-sheet", "unsigned-sheet"]);
    let found = saves(&h, &opened, "findings", "Phổi trong", None).await;
    let half = signs(&h, &h.an, &found, "author").await;
    let open = open_of(h.closes(stay).await);
    assert_eq!(kinds(&open), ["unfinished-sheet", "unsigned-sheet"], "no outcome, no head's signature");
    assert!(open["unfinished-sheet"].contains("Phiếu khám"), "{}", open["unfinished-sheet"]);
    let whole = saves(&h, &half, "outcome", "Đỡ", Some("Ghi kết quả")).await;
    assert_eq!(kinds(&open_of(h.closes(stay).await)), ["unsigned-sheet"], "another version, signed by nobody");
    signs(&h, &h.an, &whole, "author").await;
    assert_eq!(kinds(&open_of(h.closes(stay).await)), ["unsigned-sheet"]);
    signs(&h, &h.head, &whole, "head").await;
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");
    let said: serde_json::Value = serde_json::from_str(&h.manifests(stay).await[0].sealed.manifest).expect("JSON");
    assert_eq!(said["counts"]["signedSheets"], 3);
    assert_eq!(h.findings().await, Vec::<String>::new());
}

// Clauses: RET-39, RET-38, RET-40
async fn death_lengthens_the_term_and_nothing_shortens_it(house: House) {
    let mut h = open(house).await;
    let stay = h.house.admitted("26.0001", "Trần Thị Bình", h.house.wards[0]).await;
    h.leaves(stay, Outcome::Died).await;
    let grounds = vec![RetentionClass::TrafficAccident, RetentionClass::Death];
    let closed = life::close(&h.house.app, &h.house.doctor, stay, grounds).await.expect("closed");
    assert_eq!((closed.class.code.as_str(), closed.kept_until.as_deref()), ("death", Some("2056-12-31")));
    let known: Vec<_> = closed.grounds.iter().map(|g| g.code.as_str()).collect();
    assert_eq!(known, ["death", "traffic-accident"], "each once, the event's own first");
    h.archives(stay).await.expect("archived");

    // The hospital keeps the dead for a shorter time from now on: not this one.
    h.house.app.terms = Terms { death_years: 5, ..Terms::default() };
    let lengthen = |ground| life::classify(&h.house.app, &h.room, stay, ground, "Theo hồ sơ".into());
    let cosmetic = lengthen(RetentionClass::Cosmetic).await.expect("a ground");
    assert_eq!(cosmetic.kept_until.as_deref(), Some("2056-12-31"));
    assert_eq!(code(lengthen(RetentionClass::Cosmetic).await), "already-classified");
    let incident = lengthen(RetentionClass::MedicalIncident).await.expect("a ground");
    assert!(incident.kept_forever && incident.kept_until.is_none());
    let refused = life::classify(&h.house.app, &h.house.doctor, stay, RetentionClass::Death, "?".into()).await;
    assert_eq!(code(refused), "forbidden");
    assert_eq!(h.shelf(Shelf::Archived).await[0].disposal.as_deref(), Some("forever"));
    assert_eq!(h.findings().await, Vec::<String>::new(), "a longer term leaves the seal as it was");
}

// Clauses: RET-44, KCB-69.2
async fn what_reaches_its_term_is_due_unless_it_is_held(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, h.treated("26.0001", "Lê Văn Cường").await);
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");
    assert!(h.shelf(Shelf::Due).await.is_empty());
    let early = h.shelf(Shelf::Archived).await.remove(0);
    assert_eq!(early.disposal_text.as_deref(), Some("Chưa đến hạn: lưu đến hết 31/12/2036"));

    let place = |who: &Caller, reason: &str| {
        let (app, who, reason) = (app.clone(), who.clone(), reason.to_owned());
        async move { life::hold(&app, &who, stay, HoldGround::Court, reason).await }
    };
    assert_eq!(code(place(&h.house.doctor, "Quyết định 12").await), "forbidden");
    assert_eq!(code(place(&h.room, " ").await), "invalid");
    let held = place(&h.room, "Quyết định 12").await.expect("held");
    let hold = held.holds[0].id.parse().expect("an id");
    h.house.later(10 * YEAR);
    let due = h.shelf(Shelf::Due).await;
    assert_eq!((due.len(), due[0].holds, due[0].disposal.as_deref()), (1, 1, Some("held")));
    let lifted = life::lift(app, &h.room, hold, "Đã xét xử xong".into()).await.expect("lifted");
    assert_eq!(lifted.holds[0].lifted.as_ref().map(|end| end.reason.as_str()), Some("Đã xét xử xong"));
    assert_eq!(code(life::lift(app, &h.room, hold, "Lần nữa".into()).await), "already-handled");
    assert_eq!(h.shelf(Shelf::Due).await[0].disposal.as_deref(), Some("due"));
    h.house.later(YEAR);
    assert_eq!(h.shelf(Shelf::Due).await[0].disposal.as_deref(), Some("over"));
    let trail = (h.house.audited("create", "legal-hold").await, h.house.audited("cancel", "legal-hold").await);
    assert_eq!(trail, (1, 1));
}

// Clauses: KCB-69.2
async fn a_closed_record_is_opened_again_by_the_record_room_until_it_is_archived(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, h.treated("26.0001", "Phạm Thị Dung").await);
    h.closes(stay).await.expect("closed");
    let reopen = |who: &Caller, reason: &str| {
        let (app, who, reason) = (app.clone(), who.clone(), reason.to_owned());
        async move { life::reopen(&app, &who, stay, reason).await }
    };
    assert_eq!(code(reopen(&h.house.doctor, "Thiếu phiếu").await), "forbidden");
    assert_eq!(code(reopen(&h.room, "").await), "invalid");
    let active = reopen(&h.room, "Bác sĩ báo thiếu phiếu").await.expect("open");
    assert_eq!((active.state.as_str(), active.kept_until), ("active", None));
    assert_eq!(active.events.last().and_then(|e| e.reason.as_deref()), Some("Bác sĩ báo thiếu phiếu"));
    let set = measures(&h.house, &h.lan, stay).await;
    assert_eq!(kinds(&open_of(h.closes(stay).await)), ["unsigned-set"]);
    signing::sign_mine(app, &h.lan, vec![set], PIN.into()).await.expect("signed");
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");
    assert_eq!(code(reopen(&h.room, "Lần nữa").await), "record-archived");
    assert_eq!(h.house.audited("restore", "record").await, 1);
}

// Clauses: C46-2
async fn a_late_result_becomes_a_sealed_supplement(house: House) {
    let h = open(house).await;
    let (app, ward) = (&h.house.app, h.house.wards[0]);
    let stay = h.house.admitted("26.0001", "Hoàng Văn Em", ward).await;
    let order = orders::place(app, &h.house.doctor, stay, vec!["DIENGIAI".into()], None).await.expect("ordered");
    let barcode = order[0].barcode.clone().expect("a tube");
    let sends = |k: &str| analyzed(vec![group(&barcode, &[reading("K", k)])]);
    h.house.arrives(sends("4.1")).await;
    h.releases_all().await;
    h.leaves(stay, Outcome::Home).await;
    h.closes(stay).await.expect("closed");

    // Another value before it is archived: it must be released first, and is part of the record by its own seal.
    let late = |k: &str, n: &'static str| {
        let mut delivery = sends(k);
        delivery.groups[0].readings[0].effective_at = Some(MORNING + HOUR);
        delivery.groups[0].readings[0].code = n.into();
        delivery
    };
    let waits = h.house.arrives(late("4.4", "K")).await;
    if waits.state == inbox::State::Waiting {
        by_hand(&h, waits.id, stay, &order[0].id).await;
    }
    assert_eq!(kinds(&open_of(h.archives(stay).await)), ["unreleased-result"]);
    h.releases_all().await;
    h.archives(stay).await.expect("archived");
    let sealed = h.manifests(stay).await;
    assert_eq!(sealed.len(), 2, "the supplement and the archive");
    assert_eq!(h.findings().await, Vec::<String>::new());

    h.house.later(24 * HOUR);
    let waits = h.house.arrives(late("4.9", "K")).await;
    if waits.state == inbox::State::Waiting {
        by_hand(&h, waits.id, stay, &order[0].id).await;
    }
    assert_eq!(h.findings().await, Vec::<String>::new(), "what no technician has released is none of the record");
    h.releases_all().await;
    let chart = results::of_stay(app, &h.house.doctor, stay).await.expect("a chart");
    assert_eq!((chart[0].value.as_str(), chart[0].status), ("4.9", ResultStatus::Corrected), "it is not lost");
    let after = h.manifests(stay).await;
    assert_eq!(after.len(), 3);
    assert_eq!(after[1].sealed.manifest, sealed[1].sealed.manifest, "what was archived stays");
    let said: serde_json::Value = serde_json::from_str(&after[2].sealed.manifest).expect("JSON");
    assert_eq!((&said["kind"], &said["before"]), (&"supplemented".into(), &sealed[1].sealed.sha256.clone().into()));
    assert_eq!(h.findings().await, Vec::<String>::new());
    let life = life::read(app, &h.room, stay).await.expect("a life");
    assert_eq!(life.events.iter().filter(|e| e.kind == "supplemented").count(), 2);

    // Each manifest names the one before it: none is taken away unseen.
    forged(&h, "record_event", "record_event_no_update", "UPDATE record_event SET reason = 'x' WHERE kind = 'closed'");
    assert_eq!(h.findings().await, Vec::<String>::new(), "words beside a manifest are not what it lists");
    let first = format!("DELETE FROM record_event WHERE id = '{}'", after[0].event);
    forged(&h, "record_event", "record_event_no_delete", &first);
    let missed = h.findings().await.join("; ");
    assert!(missed.contains(&format!("bảng kê {}: bảng kê liền trước nó đã mất", after[1].event)), "{missed}");
}

/// As somebody with the database in their hands.
fn forged(h: &Hospital, table: &str, trigger: &str, change: &str) {
    let ran = match h.house.app.db.url() {
        DbUrl::Sqlite(file) => {
            let script = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\ndb.executescript(sys.argv[2])";
            let sql = format!("DROP TRIGGER {trigger}; {change};");
            Command::new("python3").args(["-c", script]).arg(file).arg(sql).output()
        }
        DbUrl::Postgres(url) => {
            let sql = format!("ALTER TABLE {table} DISABLE TRIGGER USER; {change};");
            Command::new("psql").args(["-Xqc", &sql, url]).output()
        }
    };
    let ran = ran.expect("a client");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

/// The technician says whose it is.
async fn by_hand(h: &Hospital, message: InboxId, stay: EncounterId, order: &str) {
    let compared = vec!["name".into(), "barcode".into()];
    let order = Some(order.parse().expect("an id"));
    let matched =
        benhan_server::app::matching::match_by_hand(&h.house.app, &h.house.technician, message, stay, order, compared);
    matched.await.expect("matched");
}

// Clauses: C46-2
async fn late_images_are_supplements_and_none_is_taken_off_a_closed_record(house: House) {
    let h = open(house).await;
    let stay = h.house.admitted("26.0001", "Nguyễn Văn An", h.house.wards[0]).await;
    let item = worklist_item(&h.house, stay).await;
    let told = examined(&item);
    assert_eq!(received(&h.house, told.clone()).await, Told::Accepted);
    h.leaves(stay, Outcome::Home).await;
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");

    let mut more = told;
    more.id = benhan_contract::DeliveryId(uuid::Uuid::now_v7());
    let mut image = more.series[0].instances[0].clone();
    image.sop_uid = format!("{}.1.9", more.study_uid);
    more.series[0].instances = vec![image];
    assert_eq!(received(&h.house, more).await, Told::Accepted);
    let manifests = h.manifests(stay).await;
    assert_eq!(manifests.len(), 2);
    assert_eq!(h.findings().await, Vec::<String>::new());
    let study = studies::of_stay(&h.house.app, &h.house.doctor, stay).await.expect("a chart").remove(0);
    let taken =
        studies::unlink(&h.house.app, &h.house.radiologist, study.id.parse().expect("an id"), "Nhầm".into()).await;
    assert_eq!(code(taken), "record-archived");
}

async fn without_a_seal_nothing_is_archived(house: House) {
    let mut h = open(house).await;
    let stay = h.treated("26.0001", "Đỗ Thị Giang").await;
    h.closes(stay).await.expect("closed");
    h.house.app.seal = None;
    assert_eq!(code(h.archives(stay).await), "no-seal");
    let life = life::read(&h.house.app, &h.room, stay).await.expect("a life");
    assert_eq!((life.state.as_str(), life.archive_number), ("closed", None), "as it was");
}

async fn nobody_writes_between_the_look_and_the_closing(house: House) {
    let h = open(house).await;
    for round in 0..4_i64 {
        let codes = ["26.0001", "26.0002", "26.0003", "26.0004"];
        let stay = h.treated(codes[usize::try_from(round).expect("small")], "Vũ Văn Hải").await;
        let entries = (0..6).map(|_| {
            let (app, lan) = (h.house.app.clone(), h.lan.clone());
            tokio::spawn(async move {
                let words = Words { course: "Ổn".into(), care: String::new() };
                notes::write(&app, &lan, stay, Instant(app.db.now().0), words, None).await.is_ok()
            })
        });
        let entries: Vec<_> = entries.collect();
        let closed = h.closes(stay).await.is_ok();
        let mut written = 0;
        for entry in entries {
            written += usize::from(entry.await.expect("no panic"));
        }
        let life = life::read(&h.house.app, &h.room, stay).await.expect("a life");
        assert_eq!(life.state == "closed", closed);
        assert!(!closed || life.blocks.is_empty(), "{written} notes came into a closed record");
    }
}

on_both!(
    a_record_is_closed_when_nothing_is_open_and_archived_under_the_seal,
    a_sheet_without_its_second_signature_or_its_last_words_keeps_the_record_open,
    death_lengthens_the_term_and_nothing_shortens_it,
    what_reaches_its_term_is_due_unless_it_is_held,
    a_closed_record_is_opened_again_by_the_record_room_until_it_is_archived,
    a_late_result_becomes_a_sealed_supplement,
    late_images_are_supplements_and_none_is_taken_off_a_closed_record,
    without_a_seal_nothing_is_archived,
    nobody_writes_between_the_look_and_the_closing,
);
