//! Patients and those who stand for them sign a sheet, before a witness who answers for it.

use crate::forms::FORM;
use crate::house::{House, MORNING};
use crate::signers::{PIN, certify, signer};
use benhan_domain::access::{Role, ViewChart};
use benhan_domain::id::{DocumentId, EncounterId};
use benhan_domain::patient_signature::{Drawing, Ground, IdPaper, Relation, Representative, Stroke};
use benhan_domain::time::{Instant, MINUTE};
use benhan_render::Renderer;
use benhan_server::app::AppError;
use benhan_server::app::accounts::Caller;
use benhan_server::app::error::Refusal;
use benhan_server::app::forms::{self, Saved};
use benhan_server::app::signing::{self, OnTheScreen, SignedPaper, ToSign};
use benhan_server::view_forms::{FilledForm, PatientSigned};
use benhan_sign::{Anchors, Authority, Level, pades};
use benhan_store::{StoreError, patient_signatures};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A consent: the doctor, then the patient, whom a doctor or a nurse may witness; then a relative.
const CONSENT: &str = r#"
code = "cam-ket"
title = "Giấy cam kết"
title_en = "Consent"
version = 1
legal_act = "Quyết định 12/QĐ-BV"
valid_from = "2026-01-01"
[signing]
unit = "sheet"
authors = ["doctor"]
slots = [
    { name = "author", label = "Bác sĩ giải thích", roles = ["doctor"], needed = "sign" },
    { name = "patient", label = "Người bệnh hoặc người đại diện", who = "patient", needed = "close" },
    { name = "relative", label = "Người nhà chứng kiến", who = "patient", roles = ["doctor"] },
]
[[sections]]
name = "all"
fields = [{ name = "method", label = "Phẫu thuật dự kiến", kind = "line", needed = "sign" }]
"#;

type Drawn = (OnTheScreen, Drawing);

pub struct Scene {
    pub house: House,
    pub an: Caller,
    /// Of the ward; the other is not.
    pub ha: Caller,
    pub other: Caller,
    pub stay: EncounterId,
    pub authority: Authority,
    anchors: Anchors,
}

pub async fn scene(mut house: House) -> Scene {
    let authority = certify(&mut house);
    let files = [("phieu-kham.toml", FORM), ("cam-ket.toml", CONSENT)];
    house.app.renderer = Arc::new(Renderer::with_files(files).expect("the hospital's own forms"));
    let an = signer(&house, &authority, ("an", Role::Doctor, "Phạm Văn An".into()), vec![]).await;
    let [here, there] = house.wards;
    let ha = signer(&house, &authority, ("ha", Role::Nurse, "Lê Thu Hà".into()), vec![here]).await;
    let other = signer(&house, &authority, ("khac", Role::Nurse, "Đỗ Thị Khác".into()), vec![there]).await;
    let stay = house.admitted("26.0001", "Trần Thị Dung", here).await;
    Scene { house, an, ha, other, stay, anchors: authority.anchors(), authority }
}

fn name() -> Drawing {
    let wave = |from: u32| -> Stroke {
        (0..60_u32).map(|n| [500 + from + n * 90, 1_500 + (n % 7) * 110, from + n * 16, 400 + n * 5]).collect()
    };
    Drawing { width: 9_000, height: 3_000, strokes: vec![wave(0), wave(2_000)] }
}

pub fn brother() -> Representative {
    Representative {
        name: "Trần Văn Em".into(),
        relation: Relation::Sibling,
        ground: Ground::Chosen,
        id_paper: IdPaper::CitizenCard,
        id_number: "033188001234".into(),
    }
}

impl Scene {
    pub async fn consent(&self) -> FilledForm {
        self.consent_of(self.stay).await
    }

    pub async fn consent_of(&self, stay: EncounterId) -> FilledForm {
        let wanted = ("cam-ket".to_owned(), Instant(MORNING));
        let opened = forms::open(&self.house.app, &self.an, stay, wanted, None).await.expect("opened");
        self.saves(&opened, "Cắt ruột thừa", None).await
    }

    pub async fn saves(&self, of: &FilledForm, method: &str, reason: Option<&str>) -> FilledForm {
        let mut values = of.values.clone();
        values.insert("method".into(), json!(method));
        let saved = Saved { seen: of.entry.version, effective_at: None, values, reason: reason.map(str::to_owned) };
        forms::save(&self.house.app, &self.an, id(of), saved).await.expect("saved")
    }

    pub async fn explained(&self, of: &FilledForm) -> FilledForm {
        signing::sign_form(&self.house.app, &self.an, place(of, "author"), PIN.into()).await.expect("signed")
    }

    fn draws(&self, of: &FilledForm, slot: &str, representative: Option<Representative>) -> Drawn {
        (self.agrees(of, slot, representative), name())
    }

    pub fn agrees(&self, of: &FilledForm, slot: &str, representative: Option<Representative>) -> OnTheScreen {
        let agreed_at = self.house.app.db.now();
        OnTheScreen {
            place: place(of, slot),
            representative,
            shown_at: Instant(agreed_at.0 - 3 * MINUTE),
            agreed_at,
            device: "Mozilla/5.0 (Linux; Android 14; SM-X110)".into(),
        }
    }

    async fn before(&self, witness: &Caller, (given, drawing): Drawn) -> Result<FilledForm, AppError> {
        signing::patient_draws(&self.house.app, witness, given, drawing, PIN.into()).await
    }

    pub async fn evidence(&self) -> Vec<(String, Value)> {
        let (actor, stay) = (self.an.actor.clone(), self.stay);
        let read = self.house.app.db.read::<_, StoreError, _>(move |conn| {
            let place = benhan_store::encounters::place(conn, stay)?.expect("a stay");
            let permit = benhan_domain::access::decide::<ViewChart>(&actor, place).expect("a doctor");
            patient_signatures::of_stay(conn, &permit)
        });
        let kept = read.await.expect("what was kept");
        kept.into_iter().map(|p| (p.slot, serde_json::from_str(&p.evidence).expect("JSON"))).collect()
    }
}

pub fn place(of: &FilledForm, slot: &str) -> ToSign {
    ToSign { document: id(of), version: of.entry.version, slot: slot.to_owned() }
}

pub fn id(of: &FilledForm) -> DocumentId {
    of.entry.id.parse().expect("an id")
}

pub fn given<'a>(of: &'a FilledForm, slot: &str) -> Option<&'a PatientSigned> {
    of.entry.slots.iter().find(|s| s.name == slot)?.patient.as_ref()
}

pub fn refusal<T: std::fmt::Debug>(answer: Result<T, AppError>) -> Refusal {
    match answer {
        Err(AppError::Refused(no)) => no,
        other => panic!("{other:?}"),
    }
}

on_both! {
    a_patient_signs_on_the_screen_before_a_witness,
    a_drawing_that_is_none_is_refused_and_nothing_is_kept,
    the_order_of_the_form_holds_and_nobody_signs_twice,
    an_amended_sheet_is_signed_anew_and_the_old_signature_stays_where_it_was,
    who_may_not_witness_is_told_so,
    a_sheet_signed_with_ink_comes_back_to_its_own_version_and_nowhere_else,
}

// Clauses: C13-3, C46-13.1, CV-V
async fn a_patient_signs_on_the_screen_before_a_witness(house: House) {
    let s = scene(house).await;
    let consent = s.explained(&s.consent().await).await;
    assert_eq!(consent.entry.state, "partly-signed", "the patient has still to sign");
    let signed = s.before(&s.ha, s.draws(&consent, "patient", None)).await.expect("signed");
    assert_eq!(signed.entry.state, "signed");
    let by = given(&signed, "patient").expect("the patient's");
    assert_eq!((by.name.as_str(), by.stands_as.as_str()), ("Trần Thị Dung", ""));
    assert_eq!((by.witness.signer.name.as_str(), by.witness.state.as_str()), ("Lê Thu Hà", "valid"));

    let (_, evidence) = s.evidence().await.remove(0);
    assert_eq!(evidence["format"], "benhan/patient-signature/1");
    assert_eq!(evidence["proof"]["drawing"]["strokes"][1][59][3], 695, "points with their pressure");
    assert_eq!(evidence["witness"]["title"], "ĐD");
    let pdf = signing::pdf(&s.house.app, &s.an, id(&signed), signed.entry.version).await.expect("the sheet");
    let report = pades::verify_pdf(&pdf, &s.anchors, s.house.app.db.now().0);
    let levels: Vec<_> = report.signatures.iter().map(|s| (s.cms.trusted(), s.cms.level)).collect();
    assert_eq!(levels, [(true, Some(Level::LongTerm))], "by the witness: {report:?}");
    let inside: Vec<_> = report
        .attachments
        .iter()
        .map(|a| (a.name.split('-').next().unwrap_or_default(), a.signature.as_ref().is_some_and(|s| s.trusted())))
        .collect();
    assert_eq!(inside, [("nguoi", true), ("phieu", true)], "words and evidence, each signed: {:?}", report.attachments);
    let words = report.attachments.iter().find(|a| a.name.starts_with("phieu")).expect("the words");
    assert_eq!(evidence["documentSha256"], words.sha256.as_str(), "bound to what the patient read");
    assert_eq!(s.house.audited("sign", "signature").await, 2);
}

// Clauses: C13-3
async fn a_drawing_that_is_none_is_refused_and_nothing_is_kept(house: House) {
    let s = scene(house).await;
    let consent = s.explained(&s.consent().await).await;
    let dot = vec![vec![[4_000, 1_000, 0, 500]]];
    for (strokes, says) in [(vec![], "Chưa có nét ký"), (dot, "quá ngắn"), (vec![vec![[1, 1, 0, 0]]; 9_000], "quá dài")]
    {
        let drawing = Drawing { strokes, ..name() };
        let no = refusal(s.before(&s.ha, (s.agrees(&consent, "patient", None), drawing)).await);
        assert!(no.fields["drawing"].contains(says), "{no:?}");
    }
    let clock = OnTheScreen { shown_at: s.house.app.db.now(), ..s.agrees(&consent, "patient", None) };
    let backwards = OnTheScreen { agreed_at: Instant(clock.shown_at.0 - MINUTE), ..clock };
    assert!(refusal(s.before(&s.ha, (backwards, name())).await).fields.contains_key("agreedAt"));
    let (agrees, drawing) = s.draws(&consent, "patient", None);
    let wrong = signing::patient_draws(&s.house.app, &s.ha, agrees, drawing, "000000".into()).await;
    assert_eq!(refusal(wrong).code, "bad-pin", "lines without the witness's PIN are nothing");
    assert!(s.evidence().await.is_empty());
    let again = forms::read(&s.house.app, &s.an, id(&consent)).await.expect("read");
    assert!(given(&again, "patient").is_none());
}

// Clauses: C13-3, C46-13.1
async fn the_order_of_the_form_holds_and_nobody_signs_twice(house: House) {
    let s = scene(house).await;
    let saved = s.consent().await;
    let early = refusal(s.before(&s.an, s.draws(&saved, "patient", None)).await);
    assert_eq!(early.code, "not-your-turn", "the doctor explains first");
    let consent = s.explained(&saved).await;
    let before_the_patient = refusal(s.before(&s.an, s.draws(&consent, "relative", Some(brother()))).await);
    assert_eq!(before_the_patient.code, "not-your-turn");
    let mut offered = brother();
    offered.id_number = "1".into();
    let nobody = refusal(s.before(&s.an, s.draws(&consent, "patient", Some(offered))).await);
    assert!(nobody.fields.contains_key("representative/idNumber"), "{nobody:?}");

    let signed = s.before(&s.an, s.draws(&consent, "patient", Some(brother()))).await.expect("his sister chose him");
    let by = given(&signed, "patient").expect("the brother's");
    assert_eq!((by.name.as_str(), by.stands_as.contains("anh, chị, em ruột")), ("Trần Văn Em", true), "{by:?}");
    assert_eq!(refusal(s.before(&s.an, s.draws(&consent, "patient", None)).await).code, "already-signed");
    let himself_again = refusal(s.before(&s.an, s.draws(&signed, "relative", Some(brother()))).await);
    assert_eq!(himself_again.code, "signed-elsewhere");
    let both = s.before(&s.an, s.draws(&signed, "relative", None)).await.expect("and she herself");
    assert_eq!(both.entry.state, "signed");
    assert_eq!(refusal(s.before(&s.an, s.draws(&both, "author", None)).await).code, "not-found", "no slot of hers");
}

// Clauses: C46-5.a
async fn an_amended_sheet_is_signed_anew_and_the_old_signature_stays_where_it_was(house: House) {
    let s = scene(house).await;
    let consent = s.explained(&s.consent().await).await;
    let signed = s.before(&s.ha, s.draws(&consent, "patient", None)).await.expect("signed");
    let old = signing::pdf(&s.house.app, &s.an, id(&signed), signed.entry.version).await.expect("signed then");
    let amended = s.saves(&signed, "Cắt túi mật", Some("đổi phương pháp")).await;
    assert!(given(&amended, "patient").is_none(), "nobody has agreed to this");
    let stale = refusal(s.before(&s.ha, s.draws(&signed, "patient", None)).await);
    assert_eq!(stale.code, "version-conflict");
    let again = s.explained(&amended).await;
    s.before(&s.ha, s.draws(&again, "patient", None)).await.expect("signed again");
    let hashes: Vec<Value> = s.evidence().await.into_iter().map(|(_, e)| e["documentSha256"].clone()).collect();
    assert_eq!(hashes.len(), 2);
    assert_ne!(hashes[0], hashes[1]);
    let kept = signing::pdf(&s.house.app, &s.an, id(&signed), signed.entry.version).await.expect("still there");
    assert_eq!(Sha256::digest(&kept), Sha256::digest(&old));
}

// Clauses: CV-III.1.1c
async fn who_may_not_witness_is_told_so(house: House) {
    let s = scene(house).await;
    let consent = s.explained(&s.consent().await).await;
    let stranger = s.before(&s.other, s.draws(&consent, "patient", None)).await;
    assert_eq!(refusal(stranger).code, "forbidden", "a nurse of another ward");
    let seen = |of: &FilledForm| of.entry.slots.iter().map(|slot| slot.may_witness).collect::<Vec<_>>();
    assert_eq!(seen(&forms::read(&s.house.app, &s.ha, id(&consent)).await.expect("read")), [false, true, false]);
    let signed = s.before(&s.ha, s.draws(&consent, "patient", None)).await.expect("signed");
    let by_her = refusal(s.before(&s.ha, s.draws(&signed, "relative", Some(brother()))).await);
    assert_eq!(by_her.code, "not-a-witness", "this slot needs a doctor");
    assert_eq!(seen(&forms::read(&s.house.app, &s.an, id(&signed)).await.expect("read")), [false, false, true]);
}

/// The words of a PDF, as poppler reads them.
fn words_of(pdf: &[u8]) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("sheet.pdf");
    std::fs::write(&file, pdf).expect("a file");
    let read = std::process::Command::new("pdftotext").arg(&file).arg("-").output().expect("poppler-utils");
    String::from_utf8(read.stdout).expect("text").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As somebody reads it from the paper in their hand.
pub fn code_on(print: &[u8]) -> String {
    let words = words_of(print);
    let (_, after) = words.split_once("Mã đối chiếu ").expect("a code");
    after.chars().take(9).collect()
}

// Clauses: C46-13.3b
async fn a_sheet_signed_with_ink_comes_back_to_its_own_version_and_nowhere_else(house: House) {
    let s = scene(house).await;
    let app = &s.house.app;
    let consent = s.explained(&s.consent().await).await;
    let print = signing::print_for_paper(app, &s.ha, place(&consent, "patient")).await.expect("printed");
    let words = words_of(&print);
    assert!(words.contains("Bản giấy chuyển đổi từ hồ sơ bệnh án điện tử"), "{words}");
    assert!(words.contains("ĐD Lê Thu Hà") && words.contains("(ký, ghi rõ họ tên)"), "{words}");
    let code = code_on(&print);
    assert_eq!(s.house.audited("print", "form").await, 1);

    let scan = b"\xff\xd8\xff\xe0 a scanned page".to_vec();
    let paper = |of: &FilledForm, slot: &str| SignedPaper {
        place: place(of, slot),
        representative: None,
        scan: scan.clone(),
        code: code.clone(),
        kept_at: "Kho A, hộp 12".into(),
    };
    let comes_back = |paper: SignedPaper| signing::signed_on_paper(app, &s.ha, paper, PIN.into());
    let no = |no: Refusal| no.fields.keys().next().cloned().unwrap_or(no.code.into());
    let picture = SignedPaper { scan: b"GIF89a".to_vec(), ..paper(&consent, "patient") };
    assert_eq!(no(refusal(comes_back(picture).await)), "scan");
    let homeless = SignedPaper { kept_at: " ".into(), ..paper(&consent, "patient") };
    assert_eq!(no(refusal(comes_back(homeless).await)), "keptAt");
    let guessed = SignedPaper { code: "ABCD-EFGH".into(), ..paper(&consent, "patient") };
    assert_eq!(no(refusal(comes_back(guessed).await)), "code");
    let another_sheet = s.explained(&s.consent().await).await;
    assert_eq!(no(refusal(comes_back(paper(&another_sheet, "patient")).await)), "code", "of this sheet alone");
    let stale = s.saves(&another_sheet, "Cắt túi mật", Some("đổi phương pháp")).await;
    assert_eq!(no(refusal(comes_back(paper(&stale, "patient")).await)), "code", "and of its version");
    assert!(s.evidence().await.is_empty());

    let lower = SignedPaper { code: code.to_lowercase(), ..paper(&consent, "patient") };
    let signed = comes_back(lower).await.expect("linked");
    assert_eq!(signed.entry.state, "signed");
    let by = given(&signed, "patient").expect("on paper");
    assert_eq!((by.method.as_str(), by.kept_at.as_deref()), ("ký trên bản giấy", Some("Kho A, hộp 12")));
    let id = by.id.parse().expect("an id");
    let (kept, kind) = signing::scan_of(app, &s.an, id).await.expect("the scan");
    assert_eq!((kept, kind.extension()), (scan.clone(), "jpg"));
    assert_eq!(refusal(signing::scan_of(app, &s.other, id).await).code, "forbidden");
    let sheet = signing::pdf(app, &s.an, self::id(&signed), signed.entry.version).await.expect("the sheet");
    assert!(words_of(&sheet).contains("Bản giấy cất tại Kho A, hộp 12"));
    let (_, evidence) = s.evidence().await.remove(0);
    assert_eq!(evidence["proof"]["scanSha256"], hex::encode(Sha256::digest(&scan)));
}
