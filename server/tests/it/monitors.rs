//! From a monitor's message to a set on the right chart with its own time, or to a list.

use crate::house::{House, MORNING, cuff, monitored, vital, waits};
use benhan_contract::{LiveBatch, LiveSample, Reading, Sender, SenderPatient};
use benhan_domain::id::EncounterId;
use benhan_domain::time::{Instant, MINUTE};
use benhan_server::app::ingest::LiveBeds;
use benhan_server::app::{AppError, board, charting, ingest, matching};
use benhan_server::view::VitalSet;
use benhan_store::inbox::State;

const HOUR: i64 = 60 * MINUTE;

fn pulse(decimal: &str, at: Option<i64>) -> Reading {
    vital("8867-4", decimal, "/min", at)
}

/// What is on the chart: time, code and value of each, oldest first.
async fn on_chart(house: &House, stay: EncounterId) -> Vec<String> {
    sets(house, stay).await.iter().map(told).collect()
}

async fn sets(house: &House, stay: EncounterId) -> Vec<VitalSet> {
    charting::chart(&house.app, &house.doctor, stay, i64::MIN, i64::MAX).await.expect("a chart")
}

fn told(set: &VitalSet) -> String {
    let at = Instant::parse(&set.effective_at).expect("a time").in_vietnam().strftime("%H:%M").to_string();
    let values = set.values.iter().map(|v| format!("{} {}", v.code.as_str(), v.value.unwrap_or_default()));
    format!("{at} {}", values.collect::<Vec<_>>().join(", "))
}

fn code(error: AppError) -> &'static str {
    match error {
        AppError::Refused(no) => no.code,
        other => panic!("{other}"),
    }
}

/// One patient in the first bed since six o'clock.
async fn one_patient() -> (House, EncounterId) {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    house.lies(stay, house.wards[0], "G01", MORNING - 2 * HOUR).await;
    (house, stay)
}

async fn by_hand(house: &House, of: &benhan_store::inbox::Message, stay: EncounterId) -> Result<(), AppError> {
    let compared = vec!["name".into(), "code".into()];
    matching::match_by_hand(&house.app, &house.nurse, of.id, stay, None, compared).await
}

#[tokio::test]
async fn a_cuff_pressure_of_the_patient_before_is_not_given_to_the_one_who_lies_there_now() {
    let (house, before) = one_patient().await;
    house.goes_home(before, house.wards[0], MORNING - 15 * MINUTE).await;
    let now = house.admitted("26.0002", "Trần Thị Bình", house.wards[0]).await;
    house.lies(now, house.wards[0], "G01", MORNING - 10 * MINUTE).await;
    let [sbp, dbp] = cuff("190", "110", Some(MORNING - 20 * MINUTE));
    let message = house.arrives(monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING)), sbp, dbp])).await;
    assert_eq!(waits(&message), "changed-bed");
    assert_eq!((on_chart(&house, before).await.len(), on_chart(&house, now).await.len()), (0, 0));
    by_hand(&house, &message, now).await.expect("matched");
    assert_eq!(on_chart(&house, now).await, ["08:00 pulse 80"], "the cuff was not hers");
}

// Clauses: C46-5.a
#[tokio::test]
async fn each_value_keeps_the_time_at_which_it_was_true() {
    let (house, stay) = one_patient().await;
    let [sbp, dbp] = cuff("120", "80", Some(MORNING - 20 * MINUTE));
    let message = house.arrives(monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING)), sbp, dbp])).await;
    assert_eq!(message.state, State::Matched);
    assert_eq!(on_chart(&house, stay).await, ["07:40 sbp 120, dbp 80", "08:00 pulse 80"]);
}

#[tokio::test]
async fn a_cuff_that_is_repeated_leaves_the_ten_minutes_to_the_other_values() {
    let (house, stay) = one_patient().await;
    for minute in [0, 4, 12] {
        let at = MORNING + minute * MINUTE;
        let [sbp, dbp] = cuff("120", "80", Some(MORNING));
        house.arrives(monitored("NOI1", "G01", at, &[pulse("80", Some(at)), sbp, dbp])).await;
    }
    let chart = on_chart(&house, stay).await;
    assert_eq!(chart, ["08:00 pulse 80, sbp 120, dbp 80", "08:04 pulse 80", "08:12 pulse 80"]);
}

#[tokio::test]
async fn a_cuff_without_its_time_is_one_measurement_until_its_numbers_change() {
    let (house, stay) = one_patient().await;
    for (minute, sbp) in [(0, "120"), (1, "120"), (2, "120"), (3, "131")] {
        house.arrives(monitored("NOI1", "G01", MORNING + minute * MINUTE, &cuff(sbp, "80", None))).await;
    }
    assert_eq!(on_chart(&house, stay).await, ["08:00 sbp 120, dbp 80", "08:03 sbp 131, dbp 80"]);
}

#[tokio::test]
async fn a_value_is_charted_in_our_unit_or_waits_to_be_seen() {
    let (house, stay) = one_patient().await;
    let at = Some(MORNING);
    let abroad =
        [vital("8480-6", "16.0", "kPa", at), vital("8462-4", "10.7", "kPa", at), vital("8310-5", "98.6", "[degF]", at)];
    house.arrives(monitored("NOI1", "G01", MORNING, &abroad)).await;
    assert_eq!(on_chart(&house, stay).await, ["08:00 temp 37, sbp 120, dbp 80"]);
    let odd = [vital("8480-6", "120", "cm[H2O]", Some(MORNING + MINUTE))];
    let message = house.arrives(monitored("NOI1", "G01", MORNING + MINUTE, &odd)).await;
    assert_eq!(waits(&message), "unit");
    let mut bare = vital("8480-6", "120", "", Some(MORNING + 12 * MINUTE));
    bare.ucum = None;
    let mixed = [bare, pulse("81", Some(MORNING + 12 * MINUTE))];
    let message = house.arrives(monitored("NOI1", "G01", MORNING + 12 * MINUTE, &mixed)).await;
    assert_eq!((message.state, message.reason.as_str()), (State::Matched, "unit"), "the list of what was left out");
    assert_eq!(on_chart(&house, stay).await.last().map(String::as_str), Some("08:12 pulse 81"));
}

#[tokio::test]
async fn a_clock_that_is_off_waits_for_a_person() {
    let (house, stay) = one_patient().await;
    let ahead = house.arrives(monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING + 7 * HOUR))])).await;
    assert_eq!(waits(&ahead), "clock", "what the message says of itself does not vouch for a value from the future");
    for off in [HOUR, -HOUR] {
        let mut unsaid = monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING + off))]);
        unsaid.message_at = None;
        assert_eq!(waits(&house.arrives(unsaid).await), "clock", "another zone's time");
    }
    assert_eq!(on_chart(&house, stay).await.len(), 0);
}

#[tokio::test]
async fn another_name_or_birth_date_on_the_monitor_waits_for_a_person() {
    let (house, stay) = one_patient().await;
    let named = |name: &str, birth_date: &str| {
        let mut message = monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING))]);
        message.patient =
            Some(SenderPatient { name: name.into(), birth_date: birth_date.into(), ..SenderPatient::default() });
        message
    };
    assert_eq!(waits(&house.arrives(named("TRAN^THI BINH", "")).await), "patient-mismatch");
    assert_eq!(waits(&house.arrives(named("", "19810312")).await), "patient-mismatch");
    assert_eq!(on_chart(&house, stay).await.len(), 0);
    assert_eq!(house.arrives(named("NGUYEN^VAN AN", "19700312")).await.state, State::Matched);
}

#[tokio::test]
async fn the_board_shows_no_value_from_the_future_and_none_that_stands_still() {
    let (house, stay) = one_patient().await;
    let beds = LiveBeds::default();
    let sample = |value: f64, ucum: &str, at: i64| LiveSample {
        sender: Sender::default(),
        location: monitored("NOI1", "G01", at, &[]).location,
        patient_ids: vec![],
        code: "147842".into(),
        value,
        ucum: Some(ucum.into()),
        at,
    };
    let samples = vec![
        sample(70.0, "/min", MORNING - 60 * MINUTE),
        sample(80.0, "/min", MORNING),
        sample(99.0, "/min", MORNING + HOUR),
        sample(1.5, "Hz", MORNING + 1),
    ];
    ingest::live(&house.app, &beds, LiveBatch { samples }).await.expect("taken");
    let shown = |now| house.app.hub.shown(stay, Instant(now)).iter().map(|v| v.value).collect::<Vec<_>>();
    assert_eq!(shown(MORNING + MINUTE), [80.0]);
    assert_eq!(shown(MORNING + 11 * MINUTE), [0.0; 0]);
}

#[tokio::test]
async fn what_is_on_the_chart_already_is_said_to_be() {
    let (house, stay) = one_patient().await;
    house.arrives(monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING))])).await;
    let next = MORNING + MINUTE;
    let again = house.arrives(monitored("NOI1", "G01", next, &[pulse("81", Some(next))])).await;
    assert_eq!((again.state, again.reason.as_str()), (State::SetAside, "slot-filled"));
    let lost = house.arrives(monitored("NOI1", "G99", next, &[pulse("82", Some(next))])).await;
    assert_eq!(waits(&lost), "unknown-bed");
    let refused = by_hand(&house, &lost, stay).await.expect_err("nothing to chart");
    assert_eq!(code(refused), "nothing-to-chart");
    assert_eq!(house.message(lost.id).await.state, State::Waiting, "and it still waits");
    assert_eq!(on_chart(&house, stay).await, ["08:00 pulse 80"]);
}

#[tokio::test]
async fn a_set_that_came_late_is_accepted_as_long_as_a_fresh_one() {
    let (house, stay) = one_patient().await;
    let early = MORNING - HOUR;
    let lost = house.arrives(monitored("NOI1", "G99", early, &[pulse("82", Some(early))])).await;
    by_hand(&house, &lost, stay).await.expect("matched");
    let round = board::round(&house.app, &house.nurse, house.wards[0]).await.expect("a round");
    let proposed = round.rows[0].proposed.clone().expect("the round shows it");
    assert_eq!(told(&proposed), "07:00 pulse 82");
    let accepted =
        charting::accept(&house.app, &house.nurse, proposed.id.parse().expect("an id"), proposed.version).await;
    assert_eq!(told(&accepted.expect("accepted")), "07:00 pulse 82");
}

#[tokio::test]
async fn between_two_pressures_the_round_offers_the_set_that_has_one() {
    let (house, _) = one_patient().await;
    let [sbp, dbp] = cuff("118", "76", Some(MORNING));
    house.arrives(monitored("NOI1", "G01", MORNING, &[pulse("80", Some(MORNING)), sbp, dbp])).await;
    let later = MORNING + 10 * MINUTE;
    house.arrives(monitored("NOI1", "G01", later, &[pulse("84", Some(later))])).await;
    let offered = async || {
        let round = board::round(&house.app, &house.nurse, house.wards[0]).await.expect("a round");
        told(&round.rows[0].proposed.clone().expect("the round shows it"))
    };
    assert_eq!(offered().await, "08:00 pulse 80, sbp 118, dbp 76");
    let much_later = later + 10 * MINUTE;
    house.arrives(monitored("NOI1", "G01", much_later, &[pulse("86", Some(much_later))])).await;
    assert_eq!(offered().await, "08:20 pulse 86", "an old pressure does not hide what is true now");
}
