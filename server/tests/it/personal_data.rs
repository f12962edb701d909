//! What people agree to, purpose by purpose, and what they ask for as those whose data it is.

use crate::house::House;
use crate::record_life::{Hospital, code, open};
use benhan_domain::id::{PatientId, SubjectRequestId};
use benhan_domain::patient_signature::{Ground, IdPaper, Relation, Representative};
use benhan_domain::person::Sex;
use benhan_domain::personal_data::{Answer, Channel, Clocks, WishKind, WishStep};
use benhan_domain::record::{Extent, Grant, Requester, Use};
use benhan_domain::time::{HOUR, Instant};
use benhan_server::app::accounts::Caller;
use benhan_server::app::consents::{self, Asked, Who};
use benhan_server::app::error::Refusal;
use benhan_server::app::patients::{self, PatientInput};
use benhan_server::app::requests::{self, Answer as Decided};
use benhan_server::app::subject_requests::{self, Said};
use benhan_server::app::{AppError, life};
use benhan_server::view_personal::{ConsentPurpose, ConsentSheet, SubjectRequest};
use benhan_store::requests::Asked as AskedFor;
use std::sync::Arc;

on_both! {
    a_mother_answers_for_a_small_child_and_both_for_an_older_one,
    nothing_is_agreed_to_by_silence_and_an_answer_proves_itself,
    a_withdrawn_consent_shuts_the_gate_at_once,
    a_request_over_tet_is_late_only_when_it_is_and_is_lengthened_once,
    a_record_within_its_term_is_not_deleted,
    nobody_without_the_right_sees_any_of_it,
}

const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 366 * DAY;
const TEACHING: &str = "giang-day-nghien-cuu";
const INSURER: &str = "bao-hiem-tu-nhan";

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

fn mother() -> Representative {
    Representative {
        name: "Lê Thị Mẹ".into(),
        relation: Relation::Parent,
        ground: Ground::Minor,
        id_paper: IdPaper::CitizenCard,
        id_number: "033188001234".into(),
    }
}

fn at_the_desk(patient: bool, representative: Option<Representative>) -> Who {
    Who { patient, representative, channel: Channel::Desk, paper_place: String::new(), note: String::new() }
}

async fn born(house: &House, name: &str, birth: &str) -> PatientId {
    let input = PatientInput {
        name: name.into(),
        birth_date: Some(birth.into()),
        sex: Sex::Female,
        national_id: None,
        insurance_card: None,
        phone: String::new(),
        address: String::new(),
        allergies: vec![],
    };
    let patient = patients::register(&house.app, &house.nurse, input, None).await.expect("registered");
    patient.id.parse().expect("an id")
}

fn of<'a>(sheet: &'a ConsentSheet, code: &str) -> &'a ConsentPurpose {
    sheet.purposes.iter().find(|purpose| purpose.code == code).expect("a purpose")
}

async fn sheet(house: &House, patient: PatientId) -> ConsentSheet {
    consents::read(&house.app, &house.nurse, patient).await.expect("a sheet")
}

async fn says(
    house: &House,
    patient: PatientId,
    (purpose, answer): (&str, Option<Answer>),
    who: Who,
) -> Result<ConsentSheet, AppError> {
    let text_sha256 = of(&sheet(house, patient).await, purpose).text_sha256.clone();
    let asked = vec![Asked { purpose: purpose.into(), text_sha256, answer }];
    consents::ask(&house.app, &house.nurse, patient, asked, who).await
}

// Clauses: PDP-8
async fn a_mother_answers_for_a_small_child_and_both_for_an_older_one(house: House) {
    let yes = (TEACHING, Some(Answer::Agreed));
    let small = born(&house, "Nguyễn Bé Năm", "2021-11-30").await;
    assert_eq!(sheet(&house, small).await.answers, "representative");
    let herself = says(&house, small, yes, at_the_desk(true, None)).await;
    assert!(refused(herself).fields.contains_key("patientAnswers"), "four years old");
    let given = says(&house, small, yes, at_the_desk(false, Some(mother()))).await.expect("kept");
    assert!(of(&given, TEACHING).stands);
    assert_eq!(given.history[0].representative.as_ref().map(|one| one.name.as_str()), Some("Lê Thị Mẹ"));

    let twelve = born(&house, "Nguyễn Thị Mười Hai", "2014-03-02").await;
    assert_eq!(sheet(&house, twelve).await.answers, "both");
    let mother_alone = says(&house, twelve, yes, at_the_desk(false, Some(mother()))).await;
    assert!(refused(mother_alone).detail.contains("cả trẻ và người đại diện"));
    let given = says(&house, twelve, yes, at_the_desk(true, Some(mother()))).await.expect("kept");
    assert_eq!((of(&given, TEACHING).stands, given.history[0].given_by.as_str()), (true, "both"));

    let grown = born(&house, "Trần Thị Lớn", "1990-03-02").await;
    let no = says(&house, grown, yes, at_the_desk(false, Some(mother()))).await;
    assert!(refused(no).fields.contains_key("representative/ground"), "no minor");
    says(&house, grown, yes, at_the_desk(true, None)).await.expect("kept");

    house.later(3 * YEAR);
    let later = sheet(&house, small).await;
    let teaching = of(&later, TEACHING);
    assert_eq!((teaching.stands, teaching.ask_again.as_deref()), (false, Some("turned-seven")));
    assert!(of(&sheet(&house, twelve).await, TEACHING).stands, "fifteen");
    says(&house, small, yes, at_the_desk(true, Some(mother()))).await.expect("asked again, she too");
    assert!(of(&sheet(&house, small).await, TEACHING).stands);
    house.later(3 * YEAR);
    let later = sheet(&house, twelve).await;
    assert_eq!(of(&later, TEACHING).ask_again.as_deref(), Some("turned-eighteen"));
    assert_eq!(later.answers, "patient");
    assert!(of(&sheet(&house, grown).await, TEACHING).stands);
    assert_eq!(house.audited("create", "consent").await, 4);
}

// Clauses: PDP-2, PDP-3
async fn nothing_is_agreed_to_by_silence_and_an_answer_proves_itself(house: House) {
    let h = open(house).await;
    let (house, app) = (&h.house, &h.house.app);
    let an = born(house, "Trần Thị An", "1990-03-02").await;
    let before = sheet(house, an).await;
    assert!(before.purposes.iter().filter(|one| one.needs_consent).all(|one| one.answer.is_none() && !one.stands));
    let treated = of(&before, "kham-benh-chua-benh");
    assert!(treated.stands && !treated.needs_consent && treated.reference.contains("Điều 69"));
    let by_law = says(house, an, ("kham-benh-chua-benh", Some(Answer::Agreed)), at_the_desk(true, None)).await;
    assert!(refused(by_law).detail.contains("dựa trên luật"));
    let silent = says(house, an, (TEACHING, None), at_the_desk(true, None)).await;
    assert!(refused(silent).detail.contains("Chưa trả lời"));
    let other = Asked { purpose: TEACHING.into(), text_sha256: "0".repeat(64), answer: Some(Answer::Agreed) };
    let other = consents::ask(app, &house.nurse, an, vec![other], at_the_desk(true, None)).await;
    assert_eq!(refused(other).code, "text-changed", "other words than those of today");
    let paper = Who { channel: Channel::Paper, ..at_the_desk(true, None) };
    let nowhere = says(house, an, (TEACHING, Some(Answer::Agreed)), paper.clone()).await;
    assert!(refused(nowhere).fields.contains_key("paperPlace"));
    assert!(sheet(house, an).await.history.is_empty(), "nothing was kept");

    let asked: Vec<Asked> = [(TEACHING, Answer::Agreed), (INSURER, Answer::Refused)]
        .map(|(code, answer)| Asked {
            purpose: code.into(),
            text_sha256: of(&before, code).text_sha256.clone(),
            answer: Some(answer),
        })
        .into();
    let kept = Who { paper_place: "Túi hồ sơ 26.0001".into(), ..paper };
    let given = consents::ask(app, &h.room, an, asked, kept).await.expect("kept");
    assert!(of(&given, TEACHING).stands && !of(&given, INSURER).stands);
    assert_eq!(of(&given, INSURER).answer.as_deref(), Some("refused"));
    let one = of(&given, TEACHING).last.as_ref().expect("an answer");
    assert!(one.sealed && one.sha256.len() == 64 && one.paper_place == "Túi hồ sơ 26.0001");
    let printed = consents::printed(app, &h.auditor, one.id.parse().expect("an id")).await.expect("a sheet");
    assert!(printed.pdf.starts_with(b"%PDF") && house.audited("print", "consent").await == 1);

    // An emergency asks nobody; it is asked afterwards, and what was answered stays.
    let deferred = consents::defer(app, &house.nurse, an, "Hôn mê, chưa có người nhà".into()).await.expect("noted");
    assert!(of(&deferred, TEACHING).stands);
    let photos = of(&deferred, "hinh-anh-giang-day");
    assert_eq!((photos.stands, photos.ask_again.as_deref()), (false, Some("after-emergency")));
    assert_eq!(refused(consents::defer(app, &house.nurse, an, " ".into()).await).code, "invalid");

    let back = consents::withdraw(app, &house.nurse, an, TEACHING.into(), at_the_desk(true, None)).await;
    let back = back.expect("withdrawn");
    assert_eq!(of(&back, TEACHING).answer.as_deref(), Some("withdrawn"));
    assert_eq!(back.history.iter().filter(|one| one.purpose == TEACHING).count(), 2, "both answers stay");
    let twice = consents::withdraw(app, &house.nurse, an, TEACHING.into(), at_the_desk(true, None)).await;
    assert_eq!(refused(twice).code, "not-agreed");
}

fn wish(kind: WishKind) -> Said {
    Said {
        kind,
        details: "Theo đơn".into(),
        purpose: None,
        stay: None,
        representative: None,
        identity: "Căn cước 079080001234".into(),
        paper: "Đơn ngày 20/11/2026".into(),
    }
}

fn id(request: &SubjectRequest) -> SubjectRequestId {
    request.id.parse().expect("an id")
}

async fn owner(h: &Hospital, stay: benhan_domain::id::EncounterId) -> PatientId {
    let owner = h.house.app.db.read::<_, AppError, _>(move |conn| Ok(benhan_store::encounters::owner(conn, stay)?));
    owner.await.expect("a read").expect("a patient")
}

// Clauses: PDP-9, PDP-4/5, PDP-3
async fn a_withdrawn_consent_shuts_the_gate_at_once(house: House) {
    let h = open(house).await;
    let (house, app) = (&h.house, &h.house.app);
    let stay = h.treated("26.0001", "Nguyễn Văn Bảo").await;
    let patient = owner(&h, stay).await;
    let insurer = || AskedFor {
        requester: Requester::PrivateInsurer,
        name: "Phạm Thị Hiểm".into(),
        organisation: "Công ty bảo hiểm nhân thọ".into(),
        identity: "Giấy giới thiệu 12".into(),
        paper: "Công văn 45 ngày 20/11/2026".into(),
        ground: "Hợp đồng bảo hiểm".into(),
        purpose: "Giải quyết quyền lợi".into(),
        extent: Extent::Record,
        copy: true,
    };
    let asks = async || {
        let asked = requests::receive(app, &h.room, stay, insurer()).await.expect("taken in");
        asked.id.parse::<benhan_domain::id::RecordRequestId>().expect("an id")
    };
    let grants = async |of, paper: &str| {
        let grant = Grant { extent: Extent::Record, copy: true, until: app.db.now().plus(30 * DAY) };
        let decided = Decided { grant: Some(grant), words: "Đúng hợp đồng".into(), patient_paper: paper.into() };
        requests::decide(app, &h.director, of, decided).await
    };
    let reads = async |of| requests::note_use(app, &h.room, of, Use::Read, "Đọc tại chỗ".into()).await;
    let first = asks().await;
    let no = refused(grants(first, " ").await);
    assert_eq!(no.code, "no-consent");
    assert!(no.detail.contains("bảo hiểm sức khỏe, nhân thọ") && no.detail.contains("bằng văn bản"), "{}", no.detail);
    says(house, patient, (TEACHING, Some(Answer::Agreed)), at_the_desk(true, None)).await.expect("kept");
    assert_eq!(code(grants(first, "").await), "no-consent", "for teaching, not for an insurer");
    says(house, patient, (INSURER, Some(Answer::Agreed)), at_the_desk(true, None)).await.expect("kept");
    let granted = grants(first, "").await.expect("granted");
    assert!(granted.decision.as_ref().is_some_and(|decision| decision.on_consent));
    reads(first).await.expect("within the consent");

    let unsaid = subject_requests::receive(app, &h.room, patient, wish(WishKind::WithdrawConsent)).await;
    assert!(refused(unsaid).fields.contains_key("purpose"));
    let back = Said { purpose: Some(INSURER.into()), ..wish(WishKind::WithdrawConsent) };
    let back = subject_requests::receive(app, &h.room, patient, back).await.expect("taken in");
    assert_eq!((back.number.as_str(), back.state.as_str()), ("26-CT000001", "received"));
    assert_eq!(code(reads(first).await), "no-consent", "from the taking in on");
    let file = tempfile::tempfile().expect("a file");
    assert_eq!(code(requests::copy(app, &h.room, first, file).await.map(|_| ())), "no-consent");
    let again = Said { purpose: Some(INSURER.into()), ..wish(WishKind::WithdrawConsent) };
    assert_eq!(code(subject_requests::receive(app, &h.room, patient, again).await), "not-agreed");

    let second = asks().await;
    assert_eq!(code(grants(second, "").await), "no-consent");
    let on_paper = grants(second, "Đơn của người bệnh ngày 22/11/2026, cất túi 26.0001").await.expect("granted");
    assert!(on_paper.decision.as_ref().is_some_and(|decision| decision.patient_paper.is_some()));
    reads(second).await.expect("on the patient's own paper");
    let court = AskedFor { requester: Requester::Patient, ..insurer() };
    let own = requests::receive(app, &h.room, stay, court).await.expect("taken in");
    grants(own.id.parse().expect("an id"), "").await.expect("patients need nobody's consent");
}

// Clauses: PDP-4/5, PDP-13/14
async fn a_request_over_tet_is_late_only_when_it_is_and_is_lengthened_once(house: House) {
    let mut h = open(house).await;
    let tet = (5..=10).map(|day| jiff::civil::date(2027, 2, day)).collect();
    h.house.app.personal_data = Arc::new(Clocks { holidays: tet, ..Clocks::default() });
    let (house, app) = (&h.house, &h.house.app);
    let patient = born(house, "Trần Thị Tết", "1990-03-02").await;
    let at = |text: &str| Instant::parse(text).expect("an instant");
    let wednesday = at("2027-02-03T09:00:00+07:00");
    house.later(wednesday.since(app.db.now()));
    let asked = subject_requests::receive(app, &h.room, patient, wish(WishKind::Limit)).await.expect("taken in");
    assert_eq!(at(&asked.answer_by).day().to_string(), "2027-02-11", "after Tết");
    assert!(!asked.overdue && !asked.soon && asked.must_keep.is_none());
    house.later(6 * DAY);
    let lists = async |open| subject_requests::list(app, &h.director, open).await.expect("a list");
    assert!(!lists(true).await[0].overdue && lists(true).await[0].soon, "Tết is no working day");
    assert_eq!(subject_requests::count(app, &h.room).await.expect("a count").urgent, 1);
    house.later(3 * DAY);
    assert!(lists(true).await[0].overdue, "Friday");

    let of = id(&asked);
    let early = subject_requests::end(app, &h.room, of, WishStep::Finish, ("Đã hạn chế".into(), None)).await;
    assert_eq!(code(early), "subject-request-state", "nobody has answered");
    assert!(refused(subject_requests::answer(app, &h.director, of, (true, " ".into())).await).detail.contains("Ghi"));
    let yes = subject_requests::answer(app, &h.director, of, (true, "Chấp nhận, hạn chế in ấn".into())).await;
    let yes = yes.expect("answered");
    assert!(yes.overdue && !yes.may_answer, "late for ever");
    let act_by = at(&yes.act_by);
    let longer = subject_requests::extend(app, &h.director, of, "Phải báo bên nhắn tin".into()).await.expect("once");
    assert_eq!(at(&longer.act_by), act_by.plus(15 * DAY));
    assert!(longer.extended.is_some_and(|step| step.words.contains("bên nhắn tin")));
    assert_eq!(code(subject_requests::extend(app, &h.director, of, "Nữa".into()).await), "already-extended");
    let none = ("Đã giao".into(), Some("26-YC999999".into()));
    let none = subject_requests::end(app, &h.room, of, WishStep::Finish, none).await;
    assert!(refused(none).fields.contains_key("recordRequest"));
    subject_requests::end(app, &h.room, of, WishStep::Finish, ("Đã hạn chế".into(), None)).await.expect("done");
    assert!(lists(true).await.is_empty() && lists(false).await[0].state == "done");
    let formula = Said { details: "=1+1".into(), ..wish(WishKind::View) };
    subject_requests::receive(app, &h.room, patient, formula).await.expect("taken in");
    let csv = subject_requests::register(app, &h.auditor).await.expect("a register");
    assert!(csv.contains("\"27-CT000001\"") && csv.contains("Hạn chế xử lý") && csv.contains("\"'=1+1\""), "{csv}");
    let activities = subject_requests::activities(app, &h.auditor).await.expect("a register");
    assert!(activities.contains("Khám bệnh, chữa bệnh") && activities.contains("Luật định, không cần đồng ý"));
    assert_eq!(house.audited("export", "subject-request").await, 2);
}

// Clauses: PDP-7
async fn a_record_within_its_term_is_not_deleted(house: House) {
    let h = open(house).await;
    let app = &h.house.app;
    let stay = h.treated("26.0001", "Nguyễn Văn Xóa").await;
    let patient = owner(&h, stay).await;
    let deletes = async || {
        let said = Said { stay: Some(stay), ..wish(WishKind::Delete) };
        subject_requests::receive(app, &h.room, patient, said).await.expect("taken in")
    };
    let asked = deletes().await;
    assert!(asked.must_keep.as_deref().is_some_and(|why| why.contains("đang lập")));
    life::close(app, &h.house.doctor, stay, vec![]).await.expect("closed");
    let shown = subject_requests::list(app, &h.director, true).await.expect("a list").remove(0);
    let why = shown.must_keep.expect("within its term");
    assert!(why.contains("31/12/2036") && why.contains("33/2025"), "{why}");
    let no = refused(subject_requests::answer(app, &h.director, id(&asked), (true, "Xóa".into())).await);
    assert_eq!((no.code, no.detail.as_str()), ("within-term", why.as_str()));
    let refusal = subject_requests::answer(app, &h.director, id(&asked), (false, why.clone())).await.expect("answered");
    assert_eq!((refusal.state.as_str(), refusal.decided.map(|step| step.words)), ("refused", Some(why)));
    let elsewhere = born(&h.house, "Trần Thị Khác", "1990-03-02").await;
    let theirs = Said { stay: Some(stay), ..wish(WishKind::Delete) };
    let theirs = subject_requests::receive(app, &h.room, elsewhere, theirs).await;
    assert!(refused(theirs).fields.contains_key("stayId"), "nobody asks about another's record");
    h.house.later(11 * YEAR);
    let over = deletes().await;
    assert!(over.must_keep.is_none());
    subject_requests::answer(app, &h.director, id(&over), (true, "Đưa vào danh mục tiêu hủy".into()))
        .await
        .expect("yes");
}

// Clauses: PDP-1
async fn nobody_without_the_right_sees_any_of_it(house: House) {
    let h = open(house).await;
    let (house, app) = (&h.house, &h.house.app);
    let patient = born(house, "Trần Thị Kín", "1990-03-02").await;
    let given = says(house, patient, (TEACHING, Some(Answer::Agreed)), at_the_desk(true, None)).await.expect("kept");
    let one = given.history[0].id.parse().expect("an id");
    for outsider in [&house.technician, &house.radiologist, &house.administrator] {
        assert_eq!(code(consents::read(app, outsider, patient).await), "forbidden");
        assert_eq!(code(consents::printed(app, outsider, one).await), "forbidden");
        let back = consents::withdraw(app, outsider, patient, TEACHING.into(), at_the_desk(true, None)).await;
        assert_eq!(code(back), "forbidden");
    }
    for looker in [&h.director, &h.auditor] {
        assert!(!consents::read(app, looker, patient).await.expect("a sheet").may_ask);
        assert_eq!(code(consents::defer(app, looker, patient, "Cấp cứu".into()).await), "forbidden");
    }
    let asked = subject_requests::receive(app, &h.room, patient, wish(WishKind::View)).await.expect("taken in");
    let receives = async |who: &Caller| subject_requests::receive(app, who, patient, wish(WishKind::View)).await;
    for outsider in [&house.nurse, &house.doctor, &house.technician, &house.administrator] {
        assert_eq!(code(subject_requests::list(app, outsider, true).await), "forbidden");
        assert_eq!(code(subject_requests::register(app, outsider).await), "forbidden");
        assert_eq!(code(subject_requests::activities(app, outsider).await), "forbidden");
        assert_eq!(code(receives(outsider).await), "forbidden");
    }
    assert_eq!(code(receives(&h.director).await), "forbidden");
    let answers = async |who: &Caller| subject_requests::answer(app, who, id(&asked), (true, "Được".into())).await;
    for other in [&h.room, &h.auditor, &house.nurse] {
        assert_eq!(code(answers(other).await), "forbidden", "the head of the hospital answers");
    }
    answers(&h.director).await.expect("answered");
}
