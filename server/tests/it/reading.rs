//! An outsider reads on the screen what the head of the hospital granted, while the grant lasts, and nothing else.

use crate::house::House;
use crate::record_life::{Hospital, code, open};
use crate::signers::PIN;
use benhan_domain::access::Role;
use benhan_domain::id::{DocumentId, EncounterId, RecordRequestId};
use benhan_domain::record::{Extent, Grant, RequestStep, Requester, Use};
use benhan_domain::time::HOUR;
use benhan_server::app::accounts::{self, Caller, Invitation};
use benhan_server::app::forms::{self, Saved};
use benhan_server::app::reading::{self, Who};
use benhan_server::app::requests::{self, Answer};
use benhan_server::app::signing::{self, ToSign};
use benhan_server::app::{AppError, admission, board, charting, patients, restriction};
use benhan_server::view_record::RecordRequest;
use benhan_store::requests::Asked;

on_both! {
    a_court_reads_what_was_granted_sheet_by_sheet,
    a_grant_of_the_summary_opens_the_summary,
    the_grant_ends_and_so_does_the_account,
    only_the_record_room_lets_somebody_read,
}

const FIRST: &str = "Doc-ho-so-2026-tam";

fn court() -> Asked {
    Asked {
        requester: Requester::Court,
        name: "Trần Văn Phán".into(),
        organisation: "Tòa án nhân dân khu vực 1".into(),
        identity: "Giấy giới thiệu 12/GT-TA".into(),
        paper: "Công văn 45/TA ngày 20/11/2026".into(),
        ground: "Điều 69 khoản 4 điểm a Luật 15/2023/QH15".into(),
        purpose: "Giải quyết vụ án dân sự 88/2026".into(),
        extent: Extent::Record,
        copy: false,
    }
}

/// A record with signed sheets, closed and archived.
async fn archived(h: &Hospital) -> EncounterId {
    let stay = h.treated("26.0001", "Nguyễn Văn Kiện").await;
    h.closes(stay).await.expect("closed");
    h.archives(stay).await.expect("archived");
    stay
}

async fn granted(h: &Hospital, stay: EncounterId, asked: Asked) -> RecordRequestId {
    let extent = asked.extent;
    let request = requests::receive(&h.house.app, &h.room, stay, asked).await.expect("taken in");
    let of = request.id.parse().expect("an id");
    let grant = Grant { extent, copy: false, until: h.house.app.db.now().plus(7 * 24 * HOUR) };
    let answer = Answer { grant: Some(grant), words: "Theo công văn".into(), patient_paper: String::new() };
    requests::decide(&h.house.app, &h.director, of, answer).await.expect("granted");
    of
}

/// Signed by the doctor who writes it.
async fn summary(h: &Hospital, stay: EncounterId) -> DocumentId {
    let (app, at) = (&h.house.app, h.house.app.db.now());
    let opened = forms::open(app, &h.an, stay, (requests::SUMMARY.into(), at), None).await.expect("opened");
    let form = forms::definition(app, requests::SUMMARY, 1).expect("ours");
    let mut values = benhan_domain::form::sample(&form, 1);
    values.extend(opened.values.into_iter().filter(|(_, value)| !value.is_null()));
    let document = opened.entry.id.parse().expect("an id");
    let saved = Saved { seen: opened.entry.version, effective_at: None, values, reason: None };
    let whole = forms::save(app, &h.an, document, saved).await.expect("saved");
    let place = ToSign { document, version: whole.entry.version, slot: "author".into() };
    signing::sign_form(app, &h.an, place, PIN.into()).await.expect("signed");
    document
}

async fn let_in(h: &Hospital, of: RecordRequestId, username: &str) -> Result<RecordRequest, AppError> {
    let who = Who::New { username: username.into(), password: FIRST.into() };
    reading::give(&h.house.app, &h.room, of, who).await
}

async fn reader(h: &Hospital, request: &RecordRequest) -> Caller {
    let user = request.reader.as_ref().expect("a reader").user.id.parse().expect("an id");
    accounts::acting(&h.house.app, user).await.expect("as a request finds them")
}

// Clauses: C46-7.1, KCB-69.4a, KCB-69.4b, KCB-69.4c
async fn a_court_reads_what_was_granted_sheet_by_sheet(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, archived(&h).await);
    let other = h.house.admitted("26.0002", "Trần Văn Bình", h.house.wards[0]).await;
    let of = granted(&h, stay, court()).await;
    let request = let_in(&h, of, "toa-an-1").await.expect("let in");
    let there = request.reader.as_ref().expect("a reader");
    assert_eq!((there.user.name.as_str(), there.user.role), ("Trần Văn Phán", Role::Outsider));
    assert!(there.last_read_at.is_none() && !request.may_give_reader);
    assert_eq!(code(let_in(&h, of, "toa-an-2").await), "has-reader", "one reads on a request");

    let judge = reader(&h, &request).await;
    let grants = reading::grants(app, &judge).await.expect("a list");
    assert_eq!((grants.len(), grants[0].patient_name.as_str()), (1, "Nguyễn Văn Kiện"));
    let sheets = reading::sheets(app, &judge, of).await.expect("the sheets");
    assert!(!sheets.is_empty() && sheets.iter().all(|sheet| !sheet.signed_by.is_empty()), "{sheets:?}");
    let document = sheets[0].document_id.parse().expect("an id");
    let look = reading::sheet(app, &judge, of, document).await.expect("a sheet");
    assert!(
        look.starts_with(b"%PDF-") && !look.windows(10).any(|part| part == b"/ByteRange"),
        "no signature goes along"
    );
    assert_eq!(h.house.audited("view", "record-request").await, 1, "each look is on the trail");
    let shown = requests::read(app, &h.room, of).await.expect("the request");
    assert!(shown.reader.expect("a reader").last_read_at.is_some());

    let nobodys = DocumentId(uuid::Uuid::nil());
    assert_eq!(code(reading::sheet(app, &judge, of, nobodys).await), "not-found");
    assert_eq!(code(admission::open_chart(app, &judge, stay).await), "forbidden", "not as staff do");
    assert_eq!(code(charting::chart(app, &judge, stay, 0, i64::MAX).await), "forbidden");
    assert_eq!(code(admission::open_chart(app, &judge, other).await), "forbidden");
    assert_eq!(code(board::board(app, &judge, h.house.wards[0]).await), "forbidden");
    assert!(board::wards(app, &judge).await.expect("a list").is_empty());
    assert_eq!(code(patients::search(app, &judge, "Bình".into(), 10).await), "forbidden");
    assert_eq!(code(requests::list(app, &judge, true).await), "forbidden");

    let said = (benhan_domain::restriction::Sensitivity::Other, "Người bệnh đề nghị".to_owned());
    restriction::restrict(app, &h.an, stay, said, vec![]).await.expect("restricted");
    reading::sheet(app, &judge, of, document).await.expect("what the head of the hospital granted stays granted");
}

// Clauses: KCB-69.4đ, C46-7.2
async fn a_grant_of_the_summary_opens_the_summary(house: House) {
    let h = open(house).await;
    let app = &h.house.app;
    let stay = h.treated("26.0001", "Nguyễn Văn Kiện").await;
    let of = granted(
        &h,
        stay,
        Asked {
            requester: Requester::ChosenRepresentative,
            organisation: String::new(),
            extent: Extent::Summary,
            ..court()
        },
    )
    .await;
    let request = let_in(&h, of, "dai-dien-1").await.expect("let in");
    let son = reader(&h, &request).await;
    assert!(reading::sheets(app, &son, of).await.expect("a list").is_empty(), "no summary is signed yet");
    let chart = h.house.app.db.read(move |conn| {
        let view = benhan_domain::access::system::<benhan_domain::access::ViewChart>(stay);
        Ok::<_, AppError>(benhan_store::documents::of_stay(conn, &view, None)?)
    });
    let vitals = chart.await.expect("the record's sheets").remove(0).document;
    assert_eq!(code(reading::sheet(app, &son, of, vitals).await), "not-found", "and no other sheet");

    let summary = summary(&h, stay).await;
    let sheets = reading::sheets(app, &son, of).await.expect("a list");
    assert_eq!(sheets.iter().map(|sheet| sheet.document_id.clone()).collect::<Vec<_>>(), [summary.to_string()]);
    reading::sheet(app, &son, of, summary).await.expect("the summary");
    let handed = requests::note_use(app, &h.room, of, Use::Summary, "Giao tận tay".into()).await.expect("handed over");
    assert_eq!(handed.uses[0].sha256.as_ref().map(String::len), Some(64), "the one that the doctor signed");
}

// Clauses: C46-7.1, KCB-69.5
async fn the_grant_ends_and_so_does_the_account(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, archived(&h).await);
    let (first, second) = (granted(&h, stay, court()).await, granted(&h, stay, court()).await);
    let request = let_in(&h, first, "toa-an-1").await.expect("let in");
    let judge = reader(&h, &request).await;
    let offered = reading::accounts(app, &h.room).await.expect("a list");
    assert_eq!(offered.iter().map(|one| one.username.as_str()).collect::<Vec<_>>(), ["toa-an-1"]);
    reading::give(app, &h.room, second, Who::Account(judge.user.id)).await.expect("the same judge reads another");

    assert_eq!(reading::shut_finished(app).await.expect("a round"), 0);
    assert_eq!(code(reading::end(app, &h.room, first, " ".into()).await), "invalid", "with a reason");
    let ended = reading::end(app, &h.room, first, "Đã đọc xong".into()).await.expect("ended");
    assert!(ended.reader.expect("said").ended_at.is_some() && ended.may_give_reader);
    assert_eq!(code(reading::end(app, &h.room, first, "Đã đọc xong".into()).await), "no-reader");
    let judge = accounts::acting(app, judge.user.id).await.expect("still reads the other");
    assert_eq!(code(reading::sheets(app, &judge, first).await), "grant-ended");
    assert_eq!(reading::grants(app, &judge).await.expect("a list").len(), 1);
    reading::sheets(app, &judge, second).await.expect("the other");

    requests::end(app, &h.room, second, RequestStep::Finish, "Đã đọc xong".into()).await.expect("done");
    let judge = accounts::acting(app, judge.user.id).await.expect("has an account");
    assert_eq!(code(reading::sheets(app, &judge, second).await), "grant-ended");
    assert!(reading::grants(app, &judge).await.expect("a list").is_empty());
    assert_eq!(reading::shut_finished(app).await.expect("a round"), 1, "and the account is shut");
    assert!(
        accounts::acting(app, judge.user.id).await.is_err()
            || reading::accounts(app, &h.room).await.expect("a list").is_empty()
    );

    let third = granted(&h, stay, court()).await;
    let request = let_in(&h, third, "toa-an-3").await.expect("let in");
    let judge = reader(&h, &request).await;
    h.house.later(8 * 24 * HOUR);
    let judge = accounts::acting(app, judge.user.id).await.expect("has an account");
    assert_eq!(code(reading::sheets(app, &judge, third).await), "grant-ended", "a week was granted");
    assert_eq!(code(let_in(&h, third, "toa-an-4").await), "request-state");
}

// Clauses: C46-7.1
async fn only_the_record_room_lets_somebody_read(house: House) {
    let h = open(house).await;
    let (app, stay) = (&h.house.app, archived(&h).await);
    let of = granted(&h, stay, court()).await;
    for who in [&h.an, &h.director, &h.auditor, &h.house.administrator, &h.house.nurse] {
        let new = Who::New { username: "toa-an-1".into(), password: FIRST.into() };
        assert_eq!(code(reading::give(app, who, of, new).await), "forbidden", "{}", who.user.name);
    }
    let weak = Who::New { username: "toa-an-1".into(), password: "12345678".into() };
    assert_eq!(code(reading::give(app, &h.room, of, weak).await), "invalid");
    let staff = reading::give(app, &h.room, of, Who::Account(h.an.user.id)).await;
    assert_eq!(code(staff), "invalid", "no member of staff is an outsider");
    let by_hand = Invitation {
        username: "la".into(),
        name: "Người Lạ".into(),
        role: Role::Outsider,
        wards: vec![],
        password: FIRST.into(),
    };
    assert_eq!(code(accounts::invite(app, &h.house.administrator, by_hand).await), "invalid");
    let asked = requests::receive(app, &h.room, stay, court()).await.expect("taken in");
    let undecided = asked.id.parse().expect("an id");
    assert_eq!(code(let_in(&h, undecided, "toa-an-1").await), "request-state");
}
