//! Withdrawn by mistake and restored: the data stand again, and all three states stay in the history.

use crate::house::{House, MORNING, monitored, vital};
use benhan_domain::id::{DocumentId, EncounterId, ObservationSetId};
use benhan_domain::observation::{CorrectionReason, Status};
use benhan_domain::time::Instant;
use benhan_domain::vitals::VitalCode;
use benhan_server::app::accounts::Caller;
use benhan_server::app::charting::{self, Correction, Entry};
use benhan_server::app::error::Refusal;
use benhan_server::app::notes::{self, Words};
use benhan_server::app::{AppError, matching, timeline};
use benhan_server::view::{VitalInput, VitalSet};
use benhan_store::{audit, encounters};

on_both! {
    a_set_withdrawn_by_mistake_stands_again,
    a_note_withdrawn_by_mistake_stands_again,
    what_never_stood_is_not_restored,
    each_verb_of_a_record_is_on_the_trail_with_its_time,
}

fn refused<T>(outcome: Result<T, AppError>) -> Refusal {
    match outcome.map(drop).expect_err("a refusal") {
        AppError::Refused(no) => no,
        other => panic!("{other}"),
    }
}

async fn pulse(house: &House, who: &Caller, stay: EncounterId) -> VitalSet {
    let pulse = VitalInput {
        code: VitalCode::Pulse,
        value: Some(72.0),
        text: None,
        not_measured: None,
        out_of_range_reason: None,
    };
    let entry = Entry { effective_at: Instant(house.app.db.now().0), values: vec![pulse], based_on: None };
    charting::enter(&house.app, who, stay, entry, None).await.expect("entered")
}

async fn withdraw(house: &House, who: &Caller, set: &VitalSet) -> VitalSet {
    let with = Correction {
        version: set.version,
        reason_code: CorrectionReason::WrongPatient,
        reason: "Ghi nhầm giường".into(),
        values: vec![],
    };
    charting::correct(&house.app, who, id(&set.id), with).await.expect("withdrawn")
}

fn id(text: &str) -> ObservationSetId {
    text.parse().expect("an id")
}

// Clauses: C46-10.5, CV-III.1.1c
async fn a_set_withdrawn_by_mistake_stands_again(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let set = pulse(&house, nurse, stay).await;
    let because = || "Đúng người bệnh, huỷ nhầm".to_owned();
    assert_eq!(refused(charting::restore(app, nurse, id(&set.id), 1, because()).await).code, "version-conflict");
    let gone = withdraw(&house, nurse, &set).await;
    assert_eq!(gone.status, Status::EnteredInError);
    assert!(refused(charting::restore(app, nurse, id(&set.id), 2, " ".into()).await).fields.contains_key("reason"));
    assert_eq!(refused(charting::restore(app, nurse, id(&set.id), 1, because()).await).code, "version-conflict");
    for who in [&house.other_nurse, &house.technician, &house.administrator] {
        assert_eq!(refused(charting::restore(app, who, id(&set.id), 2, because()).await).code, "forbidden");
    }

    let back = charting::restore(app, nurse, id(&set.id), 2, because()).await.expect("restored");
    assert_eq!((back.status, back.version), (Status::Amended, 3));
    assert_eq!(back.values[0].value, Some(72.0), "the data are back");
    let twice = charting::restore(app, nurse, id(&set.id), 3, because()).await;
    assert_eq!(refused(twice).code, "version-conflict", "it stands already");
    let versions = charting::versions(app, nurse, id(&set.id)).await.expect("versions");
    let states: Vec<_> = versions.iter().map(|v| v.status).collect();
    assert_eq!(states, [Status::Final, Status::EnteredInError, Status::Amended], "all three are told");
    assert_eq!(versions[2].reason.as_deref(), Some("Đúng người bệnh, huỷ nhầm"));
    assert_eq!(
        (house.audited("cancel", "observation-set").await, house.audited("restore", "observation-set").await,),
        (1, 1)
    );
}

// Clauses: C46-10.5, CV-III.1.1c
async fn a_note_withdrawn_by_mistake_stands_again(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let words = Words { course: "Tỉnh, tiếp xúc tốt".into(), care: String::new() };
    let written = notes::write(app, nurse, stay, Instant(app.db.now().0), words, None).await.expect("written");
    let note: DocumentId = written.id.parse().expect("an id");
    let why = || "Ghi nhầm người".to_owned();
    assert_eq!(refused(notes::restore(app, nurse, note, 1, why()).await).code, "version-conflict", "it stands");
    assert_eq!(refused(notes::withdraw(app, &house.other_nurse, note, 1, why()).await).code, "forbidden");
    assert!(refused(notes::withdraw(app, nurse, note, 1, String::new()).await).fields.contains_key("reason"));
    let gone = notes::withdraw(app, nurse, note, 1, why()).await.expect("withdrawn");
    assert_eq!((gone.status.as_str(), gone.course.as_str()), ("entered-in-error", "Tỉnh, tiếp xúc tốt"));
    assert_eq!(refused(notes::withdraw(app, nurse, note, 2, why()).await).code, "version-conflict", "once");
    let amended = Words { course: "Khác".into(), care: String::new() };
    let corrected = notes::correct(app, nurse, note, 2, (CorrectionReason::Typo, why()), amended).await;
    assert_eq!(refused(corrected).code, "version-conflict", "what is withdrawn is not corrected");
    assert!(timeline::of_stay(app, nurse, stay, 24).await.expect("a day").iter().all(|item| item.r#ref != written.id));

    let back = notes::restore(app, nurse, note, 2, why()).await.expect("restored");
    assert_eq!((back.status.as_str(), back.version), ("amended", 3));
    assert!(timeline::of_stay(app, nurse, stay, 24).await.expect("a day").iter().any(|item| item.r#ref == written.id));
    assert_eq!(notes::versions(app, nurse, note).await.expect("versions").len(), 3);
    assert_eq!((house.audited("cancel", "note").await, house.audited("restore", "note").await), (1, 1));
}

async fn what_never_stood_is_not_restored(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    // Nobody lies in the bed: the message waits, is matched by hand, and the match is taken back.
    let sent = monitored("NOI1", "G02", MORNING, &[vital("8867-4", "72", "/min", Some(MORNING))]);
    let message = house.arrives(sent).await;
    let compared = vec!["name".into(), "birthDate".into()];
    matching::match_by_hand(app, nurse, message.id, stay, None, compared).await.expect("matched");
    let proposed = charting::chart(app, nurse, stay, 0, i64::MAX).await.expect("a chart").pop().expect("a proposal");
    matching::undo(app, nurse, message.id).await.expect("taken back");
    let again = charting::restore(app, nurse, id(&proposed.id), 2, "Lấy lại".into()).await;
    assert_eq!(refused(again).code, "version-conflict", "its message may be another patient's by now");
}

// Clauses: C46-10.5, CV-III.1.1đ
async fn each_verb_of_a_record_is_on_the_trail_with_its_time(house: House) {
    let (app, nurse) = (&house.app, &house.nurse);
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let set = pulse(&house, nurse, stay).await;
    charting::chart(app, nurse, stay, 0, i64::MAX).await.expect("looked at");
    let corrected = charting::correct(
        app,
        nurse,
        id(&set.id),
        Correction {
            version: 1,
            reason_code: CorrectionReason::Typo,
            reason: "Gõ nhầm".into(),
            values: vec![VitalInput {
                code: VitalCode::Pulse,
                value: Some(27.0 + 50.0),
                text: None,
                not_measured: None,
                out_of_range_reason: None,
            }],
        },
    );
    let corrected = corrected.await.expect("corrected");
    let gone = withdraw(&house, nurse, &corrected).await;
    charting::restore(app, nurse, id(&set.id), gone.version, "Huỷ nhầm".into()).await.expect("restored");
    let rows = app.db.read::<_, AppError, _>(move |conn| {
        let patient = encounters::owner(conn, stay)?.expect("a patient");
        Ok(audit::latest(conn, &audit::Wanted { patient: Some(patient), ..audit::Wanted::default() }, 100)?)
    });
    let rows = rows.await.expect("the patient's trail");
    let mut told: Vec<_> = rows.iter().map(|r| (r.at, r.act.as_str())).collect();
    told.sort_unstable();
    let verbs: Vec<_> = told.into_iter().map(|(_, act)| act).collect();
    assert_eq!(verbs, ["create", "view", "edit", "cancel", "restore"], "each once, in its order");
}
