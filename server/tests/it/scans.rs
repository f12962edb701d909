//! A scanner drops a heap: each file finds its sheet by the code on the print, or waits for a person. Nobody's scan goes to
//! another patient.

use crate::house::House;
use crate::patients::{Scene, code_on, place, refusal, scene};
use crate::record_life::Hospital;
use crate::signers::{PIN, signer};
use benhan_domain::access::Role;
use benhan_domain::encounter::Outcome;
use benhan_domain::id::{EncounterId, PaperScanId};
use benhan_domain::record::Terms;
use benhan_domain::time::HOUR;
use benhan_server::app::accounts::Caller;
use benhan_server::app::signing::{self, ScannedPaper, SignedPaper};
use benhan_server::app::{AppError, destruction, scans};
use benhan_server::view_forms::FilledForm;
use benhan_server::view_scans::PaperScan;
use benhan_store::payloads;
use image::{GrayImage, ImageFormat, Luma};
use std::io::Cursor;
use std::process::Command;

on_both! {
    a_print_that_was_signed_and_scanned_finds_its_sheet_by_itself,
    a_scan_without_a_code_waits_and_is_linked_by_hand,
    a_scan_of_another_sheet_goes_nowhere_else,
    what_is_no_scan_is_told_at_once_and_what_hurts_waits_like_any_other,
    a_destroyed_record_takes_its_scans_with_it,
}

fn file(page: &GrayImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    page.write_to(&mut bytes, ImageFormat::Png).expect("written");
    bytes.into_inner()
}

/// A page with nothing on it that anybody reads, of its own bytes.
pub fn glass(seed: &str) -> Vec<u8> {
    let mut grey = seed.bytes().cycle();
    file(&GrayImage::from_fn(200, 200, |_, _| Luma([grey.next().map_or(200, |byte| 150 + byte % 90)])))
}

/// The pages of a print as a scanner gives them: a little askew, with the grain of its glass.
fn scanned(pdf: &[u8], dpi: u16, degrees: f64) -> Vec<GrayImage> {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("print.pdf"), pdf).expect("a file");
    let mut pdftoppm = Command::new("pdftoppm");
    let run =
        pdftoppm.current_dir(dir.path()).args(["-r", &dpi.to_string(), "-gray", "-png", "print.pdf", "page"]).status();
    assert!(run.expect("poppler-utils").success());
    let mut pages: Vec<_> =
        std::fs::read_dir(dir.path()).expect("a folder").map(|e| e.expect("a file").path()).collect();
    pages.retain(|path| path.extension().is_some_and(|e| e == "png"));
    pages.sort();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let mut seed = 7_u32;
    let askew = |path: &std::path::PathBuf| {
        let flat = image::open(path).expect("a picture").into_luma8();
        let (w, h) = flat.dimensions();
        let (mx, my) = (f64::from(w) / 2.0, f64::from(h) / 2.0);
        GrayImage::from_fn(w, h, |x, y| {
            let (dx, dy) = (f64::from(x) - mx, f64::from(y) - my);
            let (sx, sy) = (dx * cos + dy * sin + mx, dy * cos - dx * sin + my);
            let inside = sx >= 0.0 && sy >= 0.0 && sx < f64::from(w) && sy < f64::from(h);
            #[expect(
                clippy::as_conversions,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "inside"
            )]
            let grey = if inside { flat.get_pixel(sx as u32, sy as u32).0[0] } else { 250 };
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Luma([grey.saturating_sub(u8::try_from(seed >> 24).expect("a byte") % 40)])
        })
    };
    pages.iter().map(askew).collect()
}

impl Scene {
    /// Explained, printed, signed with ink, and laid on the glass.
    async fn inked(&self, consent: &FilledForm, degrees: f64) -> Vec<u8> {
        let print =
            signing::print_for_paper(&self.house.app, &self.ha, place(consent, "patient")).await.expect("printed");
        let pages = scanned(&print, 150, degrees);
        assert_eq!(pages.len(), 1);
        file(&pages[0])
    }

    /// As it is printed at the foot of the sheet that somebody has in their hand.
    async fn code_of(&self, of: &FilledForm) -> String {
        let print = signing::print_for_paper(&self.house.app, &self.ha, place(of, "patient")).await.expect("printed");
        code_on(&print)
    }

    async fn drops(&self, who: &Caller, file: Vec<u8>) -> PaperScan {
        let handed = scans::hand_in(&self.house.app, who, file, None).await.expect("kept");
        assert_eq!(handed.outcome, "kept");
        handed.scan.expect("their own")
    }

    async fn waiting(&self, who: &Caller) -> Vec<PaperScan> {
        scans::list(&self.house.app, who).await.expect("a list").waiting
    }

    async fn links(&self, scan: &PaperScan, of: &FilledForm, code: Option<&str>) -> Result<FilledForm, AppError> {
        let given = ScannedPaper {
            place: place(of, "patient"),
            representative: None,
            scan: of_scan(scan),
            code: code.map(str::to_owned),
            kept_at: "Kho A, hộp 12".into(),
        };
        signing::signed_by_scan(&self.house.app, &self.ha, given, PIN.into()).await
    }

    async fn room(&self) -> Caller {
        signer(&self.house, &self.authority, ("plt", Role::RecordRoom, "Vũ Thị Kho".into()), vec![]).await
    }
}

fn of_scan(scan: &PaperScan) -> PaperScanId {
    scan.id.parse().expect("an id")
}

// Clauses: C46-13.3b, C46-5.c
async fn a_print_that_was_signed_and_scanned_finds_its_sheet_by_itself(house: House) {
    let s = scene(house).await;
    let (app, room) = (&s.house.app, s.room().await);
    let consent = s.explained(&s.consent().await).await;
    let paper = s.inked(&consent, 1.3).await;
    let scan = s.drops(&room, paper.clone()).await;
    assert_eq!((scan.why.as_deref(), scan.state.as_str()), (None, "waiting"), "{:?}", scan.why_text);
    let sheet = scan.sheet.as_ref().expect("read");
    assert_eq!((sheet.patient_name.as_str(), sheet.slot.as_str()), ("Trần Thị Dung", "patient"));
    assert_eq!(
        (sheet.may_witness, scan.missing_pages.len(), scan.pictures),
        (false, 0, 1),
        "the record room is no witness"
    );
    let again = scans::hand_in(app, &room, paper.clone(), None).await.expect("told");
    assert_eq!((again.outcome.as_str(), again.scan.expect("hers").id), ("known", scan.id.clone()));
    assert_eq!(s.house.audited("create", "paper-scan").await, 1);

    let at_the_sheet = scans::of_stay(app, &s.ha, s.stay).await.expect("of her ward");
    assert_eq!(at_the_sheet.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [scan.id.as_str()]);
    assert!(at_the_sheet[0].sheet.as_ref().expect("read").may_witness);
    assert!(s.waiting(&s.other).await.is_empty(), "not of her ward");
    assert_eq!(refusal(scans::picture(app, &s.other, of_scan(&scan), 0).await).code, "not-found");
    let count = scans::count(app, &s.ha).await.expect("counted");
    assert_eq!((count.ready, count.unmatched), (1, 0));
    let picture = scans::picture(app, &s.ha, of_scan(&scan), 0).await.expect("drawn");
    assert!(picture.starts_with(b"\xff\xd8\xff"), "a JPEG of the house's own");
    assert_eq!(refusal(scans::picture(app, &s.ha, of_scan(&scan), 1).await).code, "not-found");

    let signed = s.links(&scan, &consent, None).await.expect("linked without typing its code");
    assert_eq!(signed.entry.state, "signed");
    let (_, evidence) = s.evidence().await.remove(0);
    assert_eq!((&evidence["proof"]["codeRead"], &evidence["proof"]["paper"]), (&"qr".into(), &"Kho A, hộp 12".into()));
    assert!(s.waiting(&room).await.is_empty());
    let by = crate::patients::given(&signed, "patient").expect("on paper").id.parse().expect("an id");
    assert_eq!(signing::scan_of(app, &s.an, by).await.expect("with the record").0, paper);
    assert_eq!(refusal(s.links(&scan, &consent, None).await).code, "scan-moved-on");
    assert_eq!(refusal(scans::file(app, &s.ha, of_scan(&scan)).await).code, "not-found", "it lies with the record now");
}

// Clauses: C46-13.3b
async fn a_scan_without_a_code_waits_and_is_linked_by_hand(house: House) {
    let s = scene(house).await;
    let (app, ward) = (&s.house.app, s.house.wards[0]);
    let consent = s.explained(&s.consent().await).await;
    s.inked(&consent, 0.0).await;
    let folded = scans::hand_in(app, &s.ha, glass("folded over its code"), Some(ward)).await.expect("kept");
    let scan = folded.scan.expect("hers");
    assert_eq!((scan.why.as_deref(), scan.may_be_linked), (Some("no-code"), true));
    assert!(s.waiting(&s.other).await.is_empty(), "another ward's");
    let elsewhere = scans::hand_in(app, &s.ha, glass("x"), Some(s.house.wards[1])).await;
    assert_eq!(refusal(elsewhere).code, "forbidden");

    scans::set_aside(app, &s.ha, of_scan(&scan), "Giấy nháp").await.expect("aside");
    assert_eq!(refusal(s.links(&scan, &consent, None).await).code, "scan-moved-on");
    let aside = scans::list(app, &s.ha).await.expect("a list").aside;
    assert_eq!((aside[0].events[0].kind.as_str(), aside[0].events[0].reason.as_str()), ("set-aside", "Giấy nháp"));
    scans::bring_back(app, &s.ha, of_scan(&scan), "Là phiếu thật").await.expect("back");
    let no_reason = refusal(scans::set_aside(app, &s.ha, of_scan(&scan), " ").await);
    assert!(no_reason.fields.contains_key("reason"));

    let proposed = scans::proposals(app, &s.ha, of_scan(&scan), None).await.expect("proposals");
    assert_eq!(proposed[0].why, ["cùng khoa", "in hôm nay"]);
    assert_eq!((proposed[0].patient_name.as_str(), proposed[0].may_witness), ("Trần Thị Dung", true));
    let chosen = refusal(s.links(&scan, &consent, None).await);
    assert!(chosen.fields.contains_key("code"), "by choice alone: {chosen:?}");
    let code = s.code_of(&consent).await;
    let typed = scans::proposals(app, &s.ha, of_scan(&scan), Some(&code.to_lowercase())).await.expect("by its code");
    assert_eq!(typed[0].document_id, consent.entry.id);
    assert_eq!(typed[0].why, ["đúng mã", "cùng khoa", "in hôm nay"]);
    for wrong in ["ABCD-EFGH", "ABCD", ""] {
        let guessed = refusal(s.links(&scan, &consent, Some(wrong)).await);
        assert!(guessed.fields.contains_key("code"), "{wrong}: {guessed:?}");
    }
    assert!(s.evidence().await.is_empty());
    s.links(&scan, &consent, Some(&code)).await.expect("by the code that is on it");
    let (_, evidence) = s.evidence().await.remove(0);
    assert_eq!(evidence["proof"]["codeRead"], "typed");
    assert!(scans::proposals(app, &s.ha, of_scan(&scan), None).await.expect("proposals").is_empty(), "it came back");
}

// Clauses: C46-13.3b, C46-5.c
async fn a_scan_of_another_sheet_goes_nowhere_else(house: House) {
    let s = scene(house).await;
    let app = &s.house.app;
    let hers = s.explained(&s.consent().await).await;
    let neighbour = s.house.admitted("26.0002", "Trần Thị Dung", s.house.wards[0]).await;
    let his = s.explained(&s.consent_of(neighbour).await).await;
    let paper = s.inked(&hers, -2.0).await;
    let scan = s.drops(&s.ha, paper).await;
    assert_eq!(
        refusal(s.links(&scan, &his, None).await).code,
        "of-another-sheet",
        "of the same name, and not the same"
    );
    let (her_code, his_code) = (s.code_of(&hers).await, s.code_of(&his).await);
    for typed in [&her_code, &his_code] {
        let what_is_on_it_decides = refusal(s.links(&scan, &his, Some(typed)).await);
        assert_eq!(what_is_on_it_decides.code, "of-another-sheet");
    }
    assert!(scans::of_stay(app, &s.ha, neighbour).await.expect("none").is_empty());

    // Handed in at her sheet with her code typed, and it is his paper.
    let mixed_up = SignedPaper {
        place: place(&hers, "patient"),
        representative: None,
        scan: s.inked(&his, 0.0).await,
        code: her_code.clone(),
        kept_at: "Kho A, hộp 12".into(),
    };
    let mixed_up = signing::signed_on_paper(app, &s.ha, mixed_up, PIN.into()).await;
    assert_eq!(refusal(mixed_up).code, "of-another-sheet");

    // Nothing could be read on it: the code on the paper must be of the very sheet, version and slot that it is put to.
    let folded = s.drops(&s.ha, glass("her sheet, folded over its code")).await;
    for (sheet, typed) in
        [(&his, None), (&hers, None), (&his, Some(her_code.as_str())), (&hers, Some(his_code.as_str()))]
    {
        let refused = refusal(s.links(&folded, sheet, typed).await);
        assert!(refused.fields.contains_key("code"), "{typed:?}: {refused:?}");
    }
    scans::set_aside(app, &s.ha, of_scan(&folded), "Quét lại").await.expect("aside");
    assert!(s.evidence().await.is_empty());

    // Two sheets under one glass.
    let both = signing::print_for_paper(app, &s.ha, place(&his, "patient")).await.expect("printed");
    let (mine, other) = (
        scanned(&signing::print_for_paper(app, &s.ha, place(&hers, "patient")).await.expect("printed"), 200, 0.0),
        scanned(&both, 200, 0.0),
    );
    let (w, h) = mine[0].dimensions();
    let two = GrayImage::from_fn(
        w * 2,
        h,
        |x, y| *if x < w { mine[0].get_pixel(x, y) } else { other[0].get_pixel(x - w, y) },
    );
    let two = s.drops(&s.ha, file(&two)).await;
    assert_eq!((two.why.as_deref(), two.sheet.is_none()), (Some("several-codes"), true));
    assert_eq!(refusal(s.links(&two, &hers, None).await).code, "several-codes");

    // The sheet is written anew while its paper is away.
    let late = s.inked(&his, 0.5).await;
    let anew = s.explained(&s.saves(&his, "Cắt túi mật", Some("đổi phương pháp")).await).await;
    let old = s.drops(&s.ha, late).await;
    assert_eq!(old.why.as_deref(), Some("old-version"));
    assert!(old.why_text.as_deref().expect("told").contains("Bản cũ, đã có bản mới"));
    assert_eq!(refusal(s.links(&old, &anew, None).await).code, "old-version");
    let illegible = s.drops(&s.ha, glass("his old sheet, folded over its code")).await;
    let of_the_old = refusal(s.links(&illegible, &anew, Some(&his_code)).await);
    assert!(of_the_old.fields.contains_key("code"), "the code of an earlier version: {of_the_old:?}");
    // Signed twice, on paper and on paper again.
    let twice = s.inked(&hers, 3.0).await;
    let twice = s.drops(&s.ha, twice).await;
    s.links(&scan, &hers, None).await.expect("hers");
    let known = s.waiting(&s.ha).await.into_iter().find(|one| one.id == twice.id).expect("it waits");
    assert_eq!(known.why.as_deref(), Some("already-signed"));
    assert_eq!(refusal(s.links(&twice, &hers, None).await).code, "already-signed");
    assert_eq!(s.evidence().await.len(), 1);
}

// Clauses: C46-13.3b
async fn what_is_no_scan_is_told_at_once_and_what_hurts_waits_like_any_other(house: House) {
    let s = scene(house).await;
    let app = &s.house.app;
    for wrong in
        [b"GIF89a".to_vec(), b"MZ".to_vec(), Vec::new(), [b"\xff\xd8\xff".as_slice(), &vec![0; 8 << 20]].concat()]
    {
        assert!(refusal(scans::hand_in(app, &s.ha, wrong, None).await).fields.contains_key("scan"));
    }
    let header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x75\x30\0\0\x75\x30\x08\0\0\0\0\x2c\x5b\x6c\x11".to_vec();
    let pages =
        (0..10_000).map(|n| format!("{n} 0 obj <</Subtype/Image/Width 9000/Height 4000>> stream\nx\nendstream\n"));
    let pages = format!("%PDF-1.7\n{}", pages.collect::<String>()).into_bytes();
    for odd in [header, pages, b"\xff\xd8\xff\xe0 cut off".to_vec()] {
        assert_eq!(s.drops(&s.ha, odd).await.why.as_deref(), Some("no-code"));
    }
    let technician = scans::hand_in(app, &s.house.technician, glass("1"), None).await;
    assert_eq!(refusal(technician).code, "forbidden");
    assert_eq!(refusal(scans::list(app, &s.house.administrator).await).code, "forbidden");
}

async fn opened_payloads(h: &Hospital) -> payloads::Payloads {
    h.house.app.db.read::<_, AppError, _>(|conn| Ok(payloads::check(conn)?)).await.expect("checked")
}

async fn printed_and_dropped(h: &Hospital, stay: EncounterId) -> PaperScan {
    let app = &h.house.app;
    let form = crate::record_life::signed_form(h, stay).await;
    let print = signing::print_for_paper(app, &h.lan, place(&form, "patient")).await.expect("printed");
    let page = file(&scanned(&print, 150, 0.0)[0]);
    scans::hand_in(app, &h.lan, page, None).await.expect("kept").scan.expect("hers")
}

// Clauses: RET-x, C46-13.3b
async fn a_destroyed_record_takes_its_scans_with_it(house: House) {
    let mut h = crate::record_life::open(house).await;
    h.house.app.terms = Terms { ordinary_years: 0, ..Terms::default() };
    let stay = h.house.admitted("26.0001", "Nguyễn Văn Hết", h.house.wards[0]).await;
    let scan = printed_and_dropped(&h, stay).await;
    assert!(scan.sheet.is_some());
    let other = scans::hand_in(&h.house.app, &h.lan, glass("nobody's"), None).await.expect("kept").scan.expect("hers");
    h.leaves(stay, Outcome::Home).await;
    h.closes(stay).await.expect("closed");
    let shut = scans::list(&h.house.app, &h.lan).await.expect("a list").waiting;
    assert_eq!(shut.iter().find(|one| one.id == scan.id).expect("it waits").why.as_deref(), Some("record-shut"));
    h.archives(stay).await.expect("archived");
    h.house.later(60 * 24 * HOUR);
    let lists = h.authority.crls(h.house.app.db.now().0).expect("lists");
    h.house.app.trust.renew(lists);
    let app = &h.house.app;
    let decision = "QĐ 15/QĐ-BV ngày 04/01/2027".to_owned();
    let list =
        destruction::propose(app, &h.room, vec![stay], decision, "Hết thời hạn lưu trữ".into()).await.expect("listed");
    let of = list.id.parse().expect("an id");
    destruction::approve(app, &h.director, of).await.expect("approved");
    destruction::begin(app, &h.room, of).await.expect("begun");
    destruction::carry_on(app).await.expect("carried on");
    let left = scans::list(app, &h.lan).await.expect("a list").waiting;
    assert_eq!(left.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [other.id.as_str()]);
    assert_eq!(opened_payloads(&h).await.broken, Vec::<String>::new());
    let key = EncounterId(of_scan(&scan).0);
    assert!(app.db.keys().to_open(key).is_err(), "nor does an older backup open it");
}
