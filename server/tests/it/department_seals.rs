//! A department's seal on a sheet: who has the certificate, who may put it, and what it says of both.

use crate::archive::{exported, judged};
use crate::forms::FORM;
use crate::house::{House, MORNING};
use crate::record_life::{Hospital, code, open, signed_form};
use crate::signers::PIN;
use benhan_domain::certificate::RevocationReason;
use benhan_domain::encounter::Outcome;
use benhan_domain::id::{DepartmentId, EncounterId, UserId};
use benhan_domain::time::HOUR;
use benhan_render::Renderer;
use benhan_server::app::accounts::Caller;
use benhan_server::app::signing::{self, ToSign};
use benhan_server::app::{AppError, department_seals, forms};
use benhan_server::trust::{Clock, Trust};
use benhan_server::view_forms::{FilledForm, SlotView};
use benhan_sign::pades::verify_pdf;
use benhan_sign::{Authority, KeyKind, SigningKey, Verdict};
use benhan_store::audit::{self, Wanted};
use benhan_store::{StoreError, places};
use std::sync::Arc;

on_both! {
    a_departments_seal_is_put_last_by_whom_the_head_of_the_hospital_named,
    a_seal_that_was_taken_back_or_ended_seals_nothing_more,
    nobody_is_given_the_seal_of_a_department_that_is_not_theirs,
}

/// The form of the other stories, with a place for the department's seal.
fn sealed_form() -> String {
    let slot =
        "[[signing.slots]]\nname = \"seal\"\nlabel = \"Dấu của khoa\"\nwho = \"department\"\nroles = [\"doctor\"]\n";
    FORM.replacen("[[sections]]", &format!("{slot}[[sections]]"), 1)
}

struct Scene {
    h: Hospital,
    lab: DepartmentId,
}

async fn scene(house: House) -> Scene {
    let mut h = open(house).await;
    let mut authority = Authority::from_json(&h.authority.to_json().expect("JSON")).expect("a CA");
    let lists = authority.crls(MORNING).expect("lists");
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_time_stamper("Bệnh viện Thử", &key, MORNING, 365).expect("a certificate");
    let trust = Trust::new(vec![authority.root().clone()], vec![authority.issuing().clone()], lists);
    h.house.app.trust = Arc::new(trust.with_clock(Some(Clock { key, certificate })).with_authority(Some(authority)));
    let form = sealed_form();
    let files = [("phieu-kham.toml", form.as_str())];
    h.house.app.renderer = Arc::new(Renderer::with_files(files).expect("the hospital's own form"));
    let facility = h.house.app.facility.id;
    let added = h.house.app.db.write(move |tx| places::add_department(tx, facility, "KXN", "Khoa Xét nghiệm"));
    Scene { lab: added.await.expect("a department"), h }
}

impl Scene {
    async fn seals(&self, who: &Caller, of: &FilledForm, pin: &str) -> Result<FilledForm, AppError> {
        let document = of.entry.id.parse().expect("an id");
        let place = ToSign { document, version: of.entry.version, slot: "seal".into() };
        signing::sign_or_seal(&self.h.house.app, who, place, None, pin.into()).await
    }

    async fn names(&self, who: &Caller, user: UserId) -> Result<(), AppError> {
        department_seals::name_keeper(&self.h.house.app, who, self.lab, user).await.map(drop)
    }

    async fn issued(&self) {
        department_seals::issue(&self.h.house.app, &self.h.house.administrator, self.lab).await.expect("issued");
    }

    async fn place(&self, who: &Caller, of: &FilledForm) -> SlotView {
        let read = forms::read(&self.h.house.app, who, of.entry.id.parse().expect("an id")).await.expect("a sheet");
        read.entry.slots.into_iter().find(|slot| slot.name == "seal").expect("a place")
    }

    /// A sheet that everybody has signed.
    async fn whole(&self, code: &'static str) -> (EncounterId, FilledForm) {
        let stay = self.h.house.admitted(code, "Trần Thị Dung", self.h.house.wards[0]).await;
        (stay, signed_form(&self.h, stay).await)
    }
}

// Clauses: SIG-8, CV-V
async fn a_departments_seal_is_put_last_by_whom_the_head_of_the_hospital_named(house: House) {
    let scene = scene(house).await;
    let (h, app) = (&scene.h, &scene.h.house.app);
    for who in [&h.director, &h.lan, &h.an, &h.auditor] {
        assert_eq!(code(department_seals::issue(app, who, scene.lab).await), "forbidden", "{}", who.user.name);
    }
    scene.issued().await;
    let (stay, sheet) = scene.whole("26.0001").await;
    assert!(!scene.place(&h.an, &sheet).await.may_sign);
    assert_eq!(code(scene.seals(&h.an, &sheet, PIN).await), "not-a-keeper");
    scene.names(&h.director, h.an.user.id).await.expect("named");

    let before = scene.h.house.admitted("26.0002", "Lê Văn Chờ", h.house.wards[0]).await;
    let at = app.db.now();
    let draft = forms::open(app, &h.an, before, ("phieu-kham".into(), at), None).await.expect("opened");
    assert_eq!(code(scene.seals(&h.an, &draft, PIN).await), "not-your-turn", "nobody has signed");

    let place = scene.place(&h.an, &sheet).await;
    let offered: Vec<&str> = place.seals.iter().map(|of| of.code.as_str()).collect();
    assert_eq!((place.may_sign, offered), (true, vec!["KXN"]), "who signed as a person may put the seal too");
    assert!(!scene.place(&h.head, &sheet).await.may_sign);
    assert_eq!(code(scene.seals(&h.an, &sheet, "000000").await), "bad-pin");
    let sealed = scene.seals(&h.an, &sheet, PIN).await.expect("sealed");
    let slot = sealed.entry.slots.iter().find(|slot| slot.name == "seal").expect("a place");
    let seal = slot.signature.clone().expect("a seal");
    assert_eq!((seal.seal_of.as_deref(), seal.signer.name.as_str()), (Some("Khoa Xét nghiệm"), "Phạm Văn An"));
    assert!(
        seal.subject.contains("CN=Khoa Xét nghiệm") && seal.subject.contains("O=Bệnh viện Thử"),
        "{}",
        seal.subject
    );
    assert_eq!(code(scene.seals(&h.an, &sheet, PIN).await), "already-signed");

    let of = sealed.entry.id.parse().expect("an id");
    let pdf = signing::pdf(app, &h.an, of, sealed.entry.version).await.expect("a PDF");
    let report = verify_pdf(&pdf, &h.anchors, app.db.now().0);
    let last = &report.signatures[0];
    assert!(last.cms.trusted(), "{report:?}");
    assert_eq!(last.cms.signer.as_ref().expect("a signer").name, "Khoa Xét nghiệm");
    assert!(last.reason.as_ref().expect("a reason").contains("người đóng dấu: Phạm Văn An"), "{:?}", last.reason);
    let named = report.attachments.iter().filter_map(|file| file.signature.as_ref()?.claims.put_by.clone());
    assert_eq!(
        named.map(|by| (by.id, by.name)).collect::<Vec<_>>(),
        [(h.an.user.id.to_string(), "Phạm Văn An".into())]
    );

    let rows = app.db.read::<_, StoreError, _>(|conn| audit::latest(conn, &Wanted::default(), 200)).await;
    let rows = rows.expect("the trail");
    let of_seal: Vec<_> =
        rows.iter().filter(|row| row.subject_kind == "department-seal").map(|r| r.act.clone()).collect();
    assert_eq!(of_seal.len(), 2, "issued and named: {of_seal:?}");
    assert!(rows.iter().any(|row| row.act == "sign" && row.body.contains("KXN")), "who sealed for which department");

    h.leaves(stay, Outcome::Home).await;
    h.closes(stay).await.expect("closed");
    let report = judged(h, &exported(h, stay).await, app.db.now().0);
    assert_eq!((report.verdict, report.seals), (Verdict::Holds, 1), "{}", report.to_text());
}

// Clauses: SIG-8, SIG-10
async fn a_seal_that_was_taken_back_or_ended_seals_nothing_more(house: House) {
    let scene = scene(house).await;
    let (h, app) = (&scene.h, &scene.h.house.app);
    scene.issued().await;
    scene.names(&h.director, h.an.user.id).await.expect("named");
    let (stay, first) = scene.whole("26.0001").await;
    scene.seals(&h.an, &first, PIN).await.expect("sealed");

    let (_, second) = scene.whole("26.0002").await;
    let place = (scene.lab, h.an.user.id);
    assert_eq!(
        code(department_seals::end_keeper(app, &h.house.administrator, place, "Chuyển khoa").await),
        "forbidden"
    );
    department_seals::end_keeper(app, &h.director, place, "Chuyển khoa").await.expect("ended");
    assert_eq!(code(department_seals::end_keeper(app, &h.director, place, "Chuyển khoa").await), "not-keeper");
    assert_eq!(code(scene.seals(&h.an, &second, PIN).await), "not-a-keeper");
    scene.names(&h.director, h.an.user.id).await.expect("named again");
    let why = (RevocationReason::Suspected, "Nghi lộ khóa");
    department_seals::revoke(app, &h.house.administrator, scene.lab, why).await.expect("revoked");
    let twice = department_seals::revoke(app, &h.house.administrator, scene.lab, why).await;
    assert_eq!(code(twice), "already-revoked");
    assert_eq!(code(scene.seals(&h.an, &second, PIN).await), "certificate-revoked");
    let seen = department_seals::list(app, &h.auditor).await.expect("the auditor reads");
    let lab = seen.departments.iter().find(|of| of.department.code == "KXN").expect("it is there");
    assert_eq!((lab.keepers.len(), lab.certificate.as_ref().is_some_and(|c| c.revoked_at.is_some())), (2, true));
    assert!(!seen.may_name && !seen.may_issue && lab.candidates.is_empty());

    // What is published in a story lists nothing: the authority's own lists are brought.
    let mut twin = Authority::from_json(&h.authority.to_json().expect("JSON")).expect("the same authority");
    app.trust.renew(twin.crls(app.db.now().0).expect("lists"));
    scene.issued().await;
    scene.seals(&h.an, &second, PIN).await.expect("sealed by the new one");
    let report = judged(h, &exported(h, stay).await, app.db.now().0);
    assert_eq!((report.seals, report.verdict), (1, Verdict::Holds), "{}", report.to_text());
    let (_, third) = scene.whole("26.0003").await;
    h.house.later(4 * 366 * 24 * HOUR);
    app.trust.renew(twin.crls(app.db.now().0).expect("lists"));
    assert_eq!(code(scene.seals(&h.an, &third, PIN).await), "certificate-refused", "it has ended");
}

// Clauses: SIG-8
async fn nobody_is_given_the_seal_of_a_department_that_is_not_theirs(house: House) {
    let scene = scene(house).await;
    let (h, app) = (&scene.h, &scene.h.house.app);
    for who in [&h.house.administrator, &h.an, &h.lan, &h.auditor, &h.room] {
        assert_eq!(code(scene.names(who, h.an.user.id).await), "forbidden", "{}", who.user.name);
    }
    assert_eq!(code(scene.names(&h.director, h.auditor.user.id).await), "signs-nothing");
    assert_eq!(code(scene.names(&h.director, h.lan.user.id).await), "other-department", "a nurse of a ward");
    scene.names(&h.director, h.house.technician.user.id).await.expect("who works for all");
    assert_eq!(code(scene.names(&h.director, h.house.technician.user.id).await), "already-keeper");
    let seen = department_seals::list(app, &h.director).await.expect("the director reads");
    let lab = seen.departments.iter().find(|of| of.department.code == "KXN").expect("it is there");
    assert!(seen.may_name && lab.candidates.iter().all(|who| who.id != h.lan.user.id.to_string()));
    for who in [&h.lan, &h.an, &h.room] {
        assert_eq!(code(department_seals::list(app, who).await), "forbidden");
    }
    // A sheet is sealed for a department that has a certificate only.
    scene.names(&h.director, h.an.user.id).await.expect("named");
    let (_, sheet) = scene.whole("26.0001").await;
    assert_eq!(code(scene.seals(&h.an, &sheet, PIN).await), "not-a-keeper");
}
