//! Somebody asks for a record: the papers are written down, the head of the hospital decides, and nothing is given out
//! beyond that.

use crate::house::House;
use crate::record_life::{Hospital, code, open};
use benhan_domain::access::{ViewChart, system};
use benhan_domain::id::{EncounterId, RecordRequestId};
use benhan_domain::record::{Extent, Grant, RequestStep, Requester, Use};
use benhan_domain::time::{HOUR, Instant};
use benhan_server::app::accounts::Caller;
use benhan_server::app::export::Packed;
use benhan_server::app::requests::{self, Answer};
use benhan_server::app::{AppError, destruction};
use benhan_server::view_record::RecordRequest;
use benhan_store::requests::Asked;
use benhan_store::{StoreError, audit, encounters};
use std::fs::File;

fn court() -> Asked {
    Asked {
        requester: Requester::Court,
        name: "Trần Văn Phán".into(),
        organisation: "Tòa án nhân dân khu vực 1".into(),
        identity: "Giấy giới thiệu 12/GT-TA, căn cước 079080001234".into(),
        paper: "Công văn 45/TA ngày 20/11/2026".into(),
        ground: "Điều 69 khoản 4 điểm a Luật 15/2023/QH15".into(),
        purpose: "Giải quyết vụ án dân sự 88/2026".into(),
        extent: Extent::Record,
        copy: true,
    }
}

fn representative() -> Asked {
    Asked {
        requester: Requester::ChosenRepresentative,
        name: "Nguyễn Thị Con".into(),
        organisation: String::new(),
        extent: Extent::Summary,
        ..court()
    }
}

async fn asks(h: &Hospital, who: &Caller, stay: EncounterId, asked: Asked) -> Result<RecordRequest, AppError> {
    requests::receive(&h.house.app, who, stay, asked).await
}

async fn answers(
    h: &Hospital,
    who: &Caller,
    of: RecordRequestId,
    grant: Option<Grant>,
) -> Result<RecordRequest, AppError> {
    requests::decide(
        &h.house.app,
        who,
        of,
        Answer { grant, words: "Theo công văn".into(), patient_paper: String::new() },
    )
    .await
}

async fn copies(h: &Hospital, of: RecordRequestId) -> Result<(Packed, File), AppError> {
    requests::copy(&h.house.app, &h.room, of, tempfile::tempfile().expect("a file")).await
}

fn id(request: &RecordRequest) -> RecordRequestId {
    request.id.parse().expect("an id")
}

fn week(h: &Hospital, extent: Extent, copy: bool) -> Option<Grant> {
    Some(Grant { extent, copy, until: h.house.app.db.now().plus(7 * 24 * HOUR) })
}

// Clauses: C46-7.1, KCB-69.4a, KCB-69.5, C46-7.2
async fn a_court_gets_what_the_director_granted_and_nothing_else(house: House) {
    let h = open(house).await;
    let app = &h.house.app;
    let stay = h.treated("26.0001", "Nguyễn Văn Kiện").await;
    assert_eq!(code(asks(&h, &h.room, stay, court()).await), "not-for-them", "not archived yet");
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");
    for who in [&h.an, &h.lan, &h.auditor, &h.director, &h.house.administrator] {
        assert_eq!(code(asks(&h, who, stay, court()).await), "forbidden", "{}", who.user.name);
    }
    for missing in ["name", "organisation", "identity", "paper", "ground", "purpose"] {
        let mut asked = court();
        let field = match missing {
            "name" => &mut asked.name,
            "organisation" => &mut asked.organisation,
            "identity" => &mut asked.identity,
            "paper" => &mut asked.paper,
            "ground" => &mut asked.ground,
            _ => &mut asked.purpose,
        };
        *field = " \u{a0} ".into();
        match asks(&h, &h.room, stay, asked).await.expect_err("needed") {
            AppError::Refused(no) => assert!(no.fields.contains_key(missing), "{missing}: {no:?}"),
            other => panic!("{other}"),
        }
    }
    let asked = asks(&h, &h.room, stay, court()).await.expect("taken in");
    assert_eq!((asked.number.as_str(), asked.state.as_str()), ("26-YC000001", "received"));
    let of = id(&asked);
    assert_eq!(code(copies(&h, of).await.map(|_| ())), "request-state", "nobody has decided");
    assert_eq!(code(answers(&h, &h.room, of, week(&h, Extent::Record, true)).await), "forbidden");
    assert_eq!(
        code(answers(&h, &h.an, of, week(&h, Extent::Record, true)).await),
        "forbidden",
        "a doctor is no director"
    );
    let far = Some(Grant { until: app.db.now().plus(91 * 24 * HOUR), ..week(&h, Extent::Record, true).expect("one") });
    assert_eq!(code(answers(&h, &h.director, of, far).await), "invalid");

    // To read first; the director says no to a copy.
    let read_only = answers(&h, &h.director, of, week(&h, Extent::Record, false)).await.expect("decided");
    assert!(read_only.decision.as_ref().is_some_and(|d| d.granted && !d.copy));
    assert_eq!(code(answers(&h, &h.director, of, None).await), "request-state", "once");
    assert_eq!(code(copies(&h, of).await.map(|_| ())), "request-state", "to read is not to copy");
    let read = requests::note_use(app, &h.room, of, Use::Read, "Đọc tại phòng hồ sơ, có ông Bình chứng kiến".into());
    assert_eq!(read.await.expect("noted").uses.len(), 1);

    // A second request with a copy.
    let second = id(&asks(&h, &h.room, stay, court()).await.expect("taken in"));
    answers(&h, &h.director, second, week(&h, Extent::Record, true)).await.expect("granted");
    let (packed, _) = copies(&h, second).await.expect("a copy");
    assert!(packed.files > 5 && packed.sealed);
    let shown = requests::read(app, &h.auditor, second).await.expect("a request");
    assert_eq!((shown.uses[0].kind.as_str(), shown.uses[0].sha256.as_ref().map(String::len)), ("copy", Some(64)));
    let trail = app.db.read::<_, StoreError, _>(move |conn| {
        let patient = encounters::owner(conn, stay)?.expect("a patient");
        audit::of_stay(conn, &system::<ViewChart>(stay), patient, ("", 0), 500)
    });
    let rows = trail.await.expect("a trail");
    let said = rows.iter().filter(|row| row.act == "export").map(|row| row.body.as_str()).collect::<String>();
    assert!(said.contains("Mục đích: Giải quyết vụ án dân sự 88/2026") && said.contains("26-YC000002"), "{said}");

    // While somebody waits for it, nobody destroys it; at its end nothing more is given.
    let list = destruction::propose(app, &h.room, vec![stay], "QĐ 1".into(), "Hết hạn".into()).await;
    assert_eq!(code(list), "must-be-kept");
    requests::end(app, &h.room, second, RequestStep::Finish, "Đã giao bản sao cho tòa".into()).await.expect("done");
    assert_eq!(code(copies(&h, second).await.map(|_| ())), "request-state");
    assert_eq!(code(requests::end(app, &h.room, second, RequestStep::Withdraw, "Nhầm".into()).await), "request-state");
}

// Clauses: KCB-69.4đ, KCB-69.4d, KCB-12.1, C46-7.2
async fn a_chosen_representative_gets_the_summary_alone(house: House) {
    let h = open(house).await;
    let app = &h.house.app;
    let stay = h.treated("26.0001", "Nguyễn Văn Già").await;
    let whole = Asked { extent: Extent::Record, ..representative() };
    match asks(&h, &h.room, stay, whole).await.expect_err("the law says less") {
        AppError::Refused(no) => assert!(no.detail.contains("chỉ được cấp bản tóm tắt"), "{}", no.detail),
        other => panic!("{other}"),
    }
    let of = id(&asks(&h, &h.room, stay, representative()).await.expect("taken in"));
    assert_eq!(code(answers(&h, &h.director, of, week(&h, Extent::Record, false)).await), "invalid", "more than asked");
    answers(&h, &h.director, of, week(&h, Extent::Summary, true)).await.expect("granted");
    let reads = requests::note_use(app, &h.room, of, Use::Read, "Đọc tại chỗ".into()).await;
    assert_eq!(code(reads), "request-state");
    assert_eq!(code(copies(&h, of).await.map(|_| ())), "request-state");
    let none = requests::note_use(app, &h.room, of, Use::Summary, "Giao tận tay".into()).await;
    assert_eq!(code(none), "no-summary", "no doctor has signed one");
    let patient = Asked { requester: Requester::Patient, extent: Extent::Record, ..representative() };
    assert!(asks(&h, &h.room, stay, patient).await.is_ok(), "patients may ask for their own at any time");
}

// Clauses: PDP-4/5, PDP-6
async fn a_request_is_answered_in_time_or_shown_late(house: House) {
    let h = open(house).await;
    let stay = h.treated("26.0001", "Nguyễn Văn Chờ").await;
    let asked = asks(&h, &h.room, stay, representative()).await.expect("taken in");
    let at = |text: &str| Instant::parse(text).expect("an instant");
    let received = at(&asked.received_at);
    assert_eq!(at(&asked.answer_by), received.working_days_later(2));
    assert_eq!(asked.provide_by.as_deref().map(at), Some(received.plus(10 * 24 * HOUR)));
    assert!(!asked.overdue);
    h.house.later(5 * 24 * HOUR);
    let waiting = requests::list(&h.house.app, &h.director, true).await.expect("a list");
    assert!(waiting[0].overdue && waiting[0].may_decide && !waiting[0].may_serve);
    answers(&h, &h.director, id(&asked), None).await.expect("refused");
    assert!(requests::list(&h.house.app, &h.room, true).await.expect("a list").is_empty());
    let ended = requests::list(&h.house.app, &h.room, false).await.expect("a list");
    assert_eq!((ended[0].state.as_str(), ended[0].overdue), ("refused", false));
    for who in [&h.an, &h.lan, &h.house.administrator] {
        assert_eq!(code(requests::list(&h.house.app, who, true).await), "forbidden");
    }
}

on_both!(
    a_court_gets_what_the_director_granted_and_nothing_else,
    a_chosen_representative_gets_the_summary_alone,
    a_request_is_answered_in_time_or_shown_late,
);
