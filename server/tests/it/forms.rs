//! Forms of the record, from opening to the last signature, with a small form of the hospital's own.

use crate::house::{House, MORNING};
use crate::signers::{PIN, certify, signer};
use benhan_domain::access::Role;
use benhan_domain::form::values::Values;
use benhan_domain::id::{DocumentId, EncounterId};
use benhan_domain::time::{HOUR, Instant, MINUTE};
use benhan_domain::vitals::VitalCode;
use benhan_render::Renderer;
use benhan_server::app::AppError;
use benhan_server::app::accounts::Caller;
use benhan_server::app::charting::{self, Entry};
use benhan_server::app::error::Refusal;
use benhan_server::app::forms::{self, Saved};
use benhan_server::app::signing::{self, ToSign};
use benhan_server::view::VitalInput;
use benhan_server::view_forms::FilledForm;
use benhan_sign::{Anchors, Level, pades};
use serde_json::{Value, json};
use std::sync::Arc;

pub const FORM: &str = r#"
code = "phieu-kham"
title = "Phiếu khám"
title_en = "Examination"
version = 3
legal_act = "Quyết định 12/QĐ-BV"
valid_from = "2026-01-01"
once = true
leaves = true
[signing]
unit = "sheet"
authors = ["doctor"]
[[signing.slots]]
name = "author"
label = "Bác sĩ khám"
roles = ["doctor"]
needed = "sign"
[[signing.slots]]
name = "head"
label = "Trưởng khoa"
roles = ["doctor", "director"]
needed = "close"
[[signing.slots]]
name = "patient"
label = "Người bệnh"
who = "patient"
[[sections]]
name = "kham"
label = "Khám"
fields = [
    { name = "patient", label = "Họ và tên", kind = "line", prefill = "patient-name" },
    { name = "sex", label = "Giới", kind = "choice", prefill = "patient-sex", options = [{ code = "male", label = "Nam" }, { code = "female", label = "Nữ" }] },
    { name = "admitted", label = "Ngày vào", kind = "date", prefill = "admitted-at" },
    { name = "allergy", label = "Dị ứng", kind = "text", prefill = "allergies" },
    { name = "pulse", label = "Mạch", kind = "quantity", unit = "/min", prefill = "pulse" },
    { name = "diagnosis", label = "Chẩn đoán", kind = "diagnosis", prefill = "diagnosis" },
    { name = "findings", label = "Khám thấy", kind = "text", needed = "sign" },
    { name = "outcome", label = "Kết quả", kind = "line", needed = "close" },
]
"#;
const ABBREVIATIONS: &str = "THA = \"tăng huyết áp\"\nBN = \"người bệnh\"\n";

struct Scene {
    house: House,
    an: Caller,
    head: Caller,
    elsewhere: Caller,
    director: Caller,
    stay: EncounterId,
    anchors: Anchors,
}

/// Doctor An and the head of the ward, with keys; patient Dung in the first ward.
async fn scene(mut house: House) -> Scene {
    let authority = certify(&mut house);
    let files = [("phieu-kham.toml", FORM), ("viet-tat.toml", ABBREVIATIONS)];
    house.app.renderer = Arc::new(Renderer::with_files(files).expect("the hospital's own form"));
    let an = signer(&house, &authority, ("an", Role::Doctor, "Phạm Văn An".into()), vec![]).await;
    let [here, there] = house.wards;
    let head = signer(&house, &authority, ("truong", Role::Doctor, "Lê Thị Trưởng".into()), vec![here]).await;
    let elsewhere = signer(&house, &authority, ("khac", Role::Doctor, "Đỗ Văn Khác".into()), vec![there]).await;
    let director = signer(&house, &authority, ("dung", Role::Director, "Ngô Thị Dung".into()), vec![]).await;
    let stay = house.admitted("26.0001", "Trần Thị Dung", house.wards[0]).await;
    Scene { house, an, head, elsewhere, director, stay, anchors: authority.anchors() }
}

impl Scene {
    async fn opened(&self, at: i64) -> FilledForm {
        let wanted = ("phieu-kham".to_owned(), Instant(at));
        forms::open(&self.house.app, &self.an, self.stay, wanted, None).await.expect("opened")
    }

    async fn saves(
        &self,
        who: &Caller,
        of: &FilledForm,
        change: Value,
        reason: Option<&str>,
    ) -> Result<FilledForm, AppError> {
        let mut values = of.values.clone();
        values.extend(change.as_object().expect("an object").clone());
        let saved = Saved { seen: of.entry.version, effective_at: None, values, reason: reason.map(str::to_owned) };
        forms::save(&self.house.app, who, id(of), saved).await
    }

    async fn signs(&self, who: &Caller, of: &FilledForm, slot: &str) -> Result<FilledForm, AppError> {
        signing::sign_form(&self.house.app, who, place(of, slot), PIN.into()).await
    }
}

fn place(of: &FilledForm, slot: &str) -> ToSign {
    ToSign { document: id(of), version: of.entry.version, slot: slot.to_owned() }
}

fn id(of: &FilledForm) -> DocumentId {
    of.entry.id.parse().expect("an id")
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, AppError>) -> Refusal {
    match answer {
        Err(AppError::Refused(no)) => no,
        other => panic!("{other:?}"),
    }
}

on_both! {
    a_form_opens_with_what_the_record_knows_and_once,
    the_author_signs_first_and_then_the_head_of_the_ward,
    what_was_signed_is_amended_with_a_reason_and_signed_again,
    what_leaves_the_house_is_written_without_abbreviations,
    who_may_not_fill_a_form_is_told_so,
    an_empty_sheet_opened_in_time_does_not_make_late_words_prompt,
    one_pin_signs_many_sheets_and_names_those_it_cannot,
}

// Clauses: C46-4.2, KCB-2.17
async fn a_form_opens_with_what_the_record_knows_and_once(house: House) {
    let scene = scene(house).await;
    let measured = VitalInput {
        code: VitalCode::Pulse,
        value: Some(88.0),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    };
    let entry = Entry { effective_at: scene.house.app.db.now(), values: vec![measured], based_on: None };
    charting::enter(&scene.house.app, &scene.an, scene.stay, entry, None).await.expect("entered");
    let now = scene.house.app.db.now().0;
    let opened = scene.opened(now).await;
    let expected: Values = json!({
        "patient": "Trần Thị Dung", "sex": "male", "admitted": "2026-11-22", "allergy": "penicillin", "pulse": 88.0,
        "diagnosis": { "text": "Theo dõi" },
    })
    .as_object()
    .expect("an object")
    .clone();
    assert_eq!(opened.values, expected);
    assert_eq!((opened.entry.state.as_str(), opened.entry.form_version), ("draft", 3));
    let again = forms::open(&scene.house.app, &scene.an, scene.stay, ("phieu-kham".into(), Instant(now)), None).await;
    assert_eq!(refusal(again).code, "already-open");
    let listed = forms::entries(&scene.house.app, &scene.house.nurse, scene.stay).await.expect("a list");
    assert_eq!(listed.len(), 1, "the ward sees it");
    let gone = forms::withdraw(&scene.house.app, &scene.an, id(&opened), (1, "nhầm người bệnh".into()))
        .await
        .expect("withdrawn");
    assert_eq!(gone.entry.state, "withdrawn");
    assert_eq!(scene.opened(now).await.entry.version, 1, "and another may be opened");
    assert_eq!(scene.house.audited("cancel", "form").await, 1);
}

// Clauses: C46-13.1, C46-3.2b
async fn the_author_signs_first_and_then_the_head_of_the_ward(house: House) {
    let scene = scene(house).await;
    let opened = scene.opened(MORNING).await;
    let early = refusal(scene.signs(&scene.an, &opened, "author").await);
    assert_eq!((early.code, early.fields.keys().next().map(String::as_str)), ("incomplete", Some("findings")));
    let saved = scene.saves(&scene.an, &opened, json!({ "findings": "Phổi trong" }), None).await.expect("saved");
    assert_eq!(refusal(scene.signs(&scene.head, &saved, "head").await).code, "not-your-turn");
    assert_eq!(refusal(scene.signs(&scene.head, &saved, "author").await).code, "not-yours");
    assert_eq!(refusal(scene.signs(&scene.an, &opened, "author").await).code, "version-conflict");
    let once = scene.signs(&scene.an, &saved, "author").await.expect("signed");
    assert_eq!(once.entry.state, "partly-signed");
    assert_eq!(
        refusal(scene.signs(&scene.an, &once, "head").await).code,
        "already-signed",
        "nobody vouches for themselves"
    );
    let twice = scene.signs(&scene.head, &once, "head").await.expect("signed");
    assert_eq!(twice.entry.state, "signed");
    let names: Vec<_> =
        twice.entry.slots.iter().filter_map(|s| Some(s.signature.as_ref()?.signer.name.as_str())).collect();
    assert_eq!(names, ["Phạm Văn An", "Lê Thị Trưởng"]);

    let pdf = signing::pdf(&scene.house.app, &scene.an, id(&twice), twice.entry.version).await.expect("the sheet");
    let report = pades::verify_pdf(&pdf, &scene.anchors, scene.house.app.db.now().0);
    let levels: Vec<_> = report.signatures.iter().map(|s| (s.cms.trusted(), s.cms.level)).collect();
    assert_eq!(levels, [(true, Some(Level::LongTerm))], "by whoever signed last: {report:?}");
    let beneath: Vec<_> =
        report.attachments.iter().map(|a| a.signature.as_ref().is_some_and(|s| s.trusted())).collect();
    assert_eq!(beneath, [true, true], "the words under both signatures: {:?}", report.attachments);
    assert_eq!(scene.house.audited("sign", "signature").await, 2);
}

// Clauses: C46-5.a, KCB-7.10
async fn what_was_signed_is_amended_with_a_reason_and_signed_again(house: House) {
    let scene = scene(house).await;
    let opened = scene.opened(MORNING).await;
    let saved = scene.saves(&scene.an, &opened, json!({ "findings": "Phổi trong" }), None).await.expect("saved");
    let same = scene.saves(&scene.an, &saved, json!({}), None).await.expect("an answer");
    assert_eq!(same.entry.version, 2, "nothing changed, no version");
    let signed = scene.signs(&scene.an, &saved, "author").await.expect("signed");
    let words = json!({ "findings": "Ran ẩm đáy phổi phải" });
    let silent = refusal(scene.saves(&scene.an, &signed, words.clone(), None).await);
    assert!(silent.fields.contains_key("reason"), "{silent:?}");
    let amended = scene.saves(&scene.an, &signed, words, Some("khám lại")).await.expect("amended");
    assert_eq!((amended.entry.version, amended.entry.state.as_str()), (3, "draft"));
    let further = scene.saves(&scene.an, &amended, json!({ "outcome": "Đỡ" }), None).await.expect("saved");
    assert_eq!(further.entry.reason.as_deref(), Some("khám lại"), "one amendment, one reason");
    scene.signs(&scene.an, &further, "author").await.expect("signed again");
    let versions = forms::versions(&scene.house.app, &scene.an, id(&opened)).await.expect("versions");
    let signatures: Vec<usize> = versions.iter().map(|v| v.signatures.len()).collect();
    assert_eq!(signatures, [0, 1, 0, 1]);
    let old = signing::pdf(&scene.house.app, &scene.an, id(&opened), 2).await.expect("what was signed then");
    let new = signing::pdf(&scene.house.app, &scene.an, id(&opened), 4).await.expect("what is signed now");
    assert!(old.starts_with(b"%PDF") && new.starts_with(b"%PDF") && old != new);
}

// Clauses: T32-52.2c
async fn what_leaves_the_house_is_written_without_abbreviations(house: House) {
    let scene = scene(house).await;
    let opened = scene.opened(MORNING).await;
    let saved = scene.saves(&scene.an, &opened, json!({ "findings": "BN THA độ 2" }), None).await.expect("saved");
    assert_eq!(saved.values["findings"], "người bệnh tăng huyết áp độ 2");
    let told: Vec<_> = saved.expanded.iter().map(|e| (e.short.as_str(), e.long.as_str())).collect();
    assert_eq!(told, [("BN", "người bệnh"), ("THA", "tăng huyết áp")]);
}

// Clauses: CV-III.1.1c
async fn who_may_not_fill_a_form_is_told_so(house: House) {
    let scene = scene(house).await;
    let app = &scene.house.app;
    let wanted = || ("phieu-kham".to_owned(), Instant(MORNING));
    let nurse = forms::open(app, &scene.house.nurse, scene.stay, wanted(), None).await;
    assert_eq!(refusal(nurse).code, "not-your-form");
    let stranger = forms::open(app, &scene.house.other_nurse, scene.stay, wanted(), None).await;
    assert_eq!(refusal(stranger).code, "forbidden");
    let drawn = ("theo-doi-chuc-nang-song".to_owned(), Instant(MORNING));
    assert_eq!(
        refusal(forms::open(app, &scene.an, scene.stay, drawn, None).await).code,
        "not-found",
        "nobody fills a drawn sheet"
    );
    let opened = scene.opened(MORNING).await;
    let hers = scene.saves(&scene.house.nurse, &opened, json!({ "findings": "x" }), None).await;
    assert_eq!(refusal(hers).code, "not-your-form");
    assert_eq!(refusal(forms::read(app, &scene.house.other_nurse, id(&opened)).await).code, "forbidden");
    assert_eq!(refusal(forms::read(app, &scene.house.administrator, id(&opened)).await).code, "forbidden");
    let wrong = refusal(scene.saves(&scene.an, &opened, json!({ "pulse": "nhanh", "stranger": 1 }), None).await);
    assert_eq!(wrong.fields.keys().collect::<Vec<_>>(), ["pulse", "stranger"]);
    let mayfill: Vec<bool> = [&scene.an, &scene.house.nurse]
        .map(|who| forms::catalogue(app, who).iter().any(|f| f.code == "phieu-kham" && f.may_fill))
        .into();
    assert_eq!(mayfill, [true, false]);
}

// Clauses: C46-5.b
async fn an_empty_sheet_opened_in_time_does_not_make_late_words_prompt(house: House) {
    let scene = scene(house).await;
    let opened = scene.opened(MORNING).await;
    assert!(opened.entry.late.is_none());
    scene.house.later(13 * HOUR + 5 * MINUTE);
    let saved = scene.saves(&scene.an, &opened, json!({ "findings": "Phổi trong" }), None).await.expect("saved");
    let late = saved.entry.late.expect("a mark");
    assert!(late.late && late.limit_hours == 12, "{late:?}");
    let again = scene
        .saves(&scene.an, &saved_again(&scene, &opened).await, json!({ "outcome": "Đỡ" }), None)
        .await
        .expect("saved");
    assert!(again.entry.late.is_some_and(|l| l.minutes == late.minutes), "the mark stays as it was");
}

async fn saved_again(scene: &Scene, of: &FilledForm) -> FilledForm {
    forms::read(&scene.house.app, &scene.an, id(of)).await.expect("read")
}

async fn one_pin_signs_many_sheets_and_names_those_it_cannot(house: House) {
    let scene = scene(house).await;
    let app = &scene.house.app;
    let other = scene.house.admitted("26.0002", "Lý Văn Bình", scene.house.wards[0]).await;
    let opened = scene.opened(MORNING).await;
    let ready = scene.saves(&scene.an, &opened, json!({ "findings": "Phổi trong" }), None).await.expect("saved");
    let empty =
        forms::open(app, &scene.an, other, ("phieu-kham".into(), Instant(MORNING)), None).await.expect("opened");
    let waits = |who| async move {
        let list = forms::to_sign(app, who).await.expect("a list");
        list.into_iter().map(|w| (w.patient_name, w.slot)).collect::<Vec<_>>()
    };
    let author = |name: &str| (name.to_owned(), "author".to_owned());
    assert_eq!(waits(&scene.an).await, [author("Trần Thị Dung"), author("Lý Văn Bình")], "the oldest first");
    assert_eq!(waits(&scene.head).await, [], "nothing before the author has signed");

    let both = || vec![place(&ready, "author"), place(&empty, "author")];
    let wrong = signing::sign_many(app, &scene.an, both(), "000000".into()).await;
    assert_eq!(refusal(wrong).code, "bad-pin");
    let done = signing::sign_many(app, &scene.an, both(), PIN.into()).await.expect("an answer");
    assert_eq!(
        done.signed.iter().map(|s| (s.id.as_str(), s.state.as_str())).collect::<Vec<_>>(),
        [(ready.entry.id.as_str(), "partly-signed")]
    );
    assert_eq!(
        done.failed.iter().map(|f| (f.id.as_str(), f.code.as_str())).collect::<Vec<_>>(),
        [(empty.entry.id.as_str(), "incomplete")]
    );
    assert_eq!(waits(&scene.an).await, [author("Lý Văn Bình")]);
    assert_eq!(waits(&scene.head).await, [("Trần Thị Dung".to_owned(), "head".to_owned())], "and now it is her turn");
    assert_eq!(waits(&scene.director).await, waits(&scene.head).await, "or the director's, in whose house it is");
    assert_eq!(waits(&scene.elsewhere).await, [], "but not another ward's");
}
