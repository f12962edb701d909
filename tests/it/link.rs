//! The cable between a ward's gateway and the server fails in every way that cables do.

use benhan_tests::gateway::Gateway;
use benhan_tests::monitor::{Measured, Monitor};
use benhan_tests::proxy::{Cable, Proxy};
use benhan_tests::{Actor, TestHospital, on_each_database, within};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

on_each_database!(a_broken_cable_loses_doubles_redates_and_reorders_nothing);

/// The gateway's own patience is as delivered: half a minute for an answer, and waits that double.
const PATIENCE: Duration = Duration::from_secs(120);

const BEDS: [&str; 3] = ["N10", "N12", "N14"];

/// The monitors of the ward, and what they have sent so far.
struct Sent {
    lines: Vec<Monitor>,
    begun: Timestamp,
    each: i64,
}

impl Sent {
    /// Every monitor measures so many more times; each message is acknowledged, whatever the cable does.
    async fn more(&mut self, count: i64) {
        for number in self.each..self.each + count {
            let at = self.at(number);
            for (bed, line) in BEDS.iter().zip(&mut self.lines) {
                let id = format!("{bed}-{number}");
                let message = Measured {
                    device: format!("00A03702EB00{bed}C"),
                    cuff: Some((120, 70)),
                    ..Measured::new(&id, &format!("NGOAI^302^{bed}"), at)
                };
                assert_eq!(line.say(&message.message()).await, format!("MSA|AA|{id}"));
            }
        }
        self.each += count;
    }

    fn at(&self, number: i64) -> Timestamp {
        self.begun + SignedDuration::from_secs(number)
    }
}

/// Control ids of each bed's messages, in the order in which the server took them.
fn arrived(hospital: &TestHospital) -> BTreeMap<String, Vec<String>> {
    let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for body in hospital.database.query("SELECT body FROM inbox ORDER BY seq") {
        let delivery: serde_json::Value = serde_json::from_str(&body).unwrap();
        let bed = delivery["location"]["bed"].as_str().unwrap_or_default().to_owned();
        arrived.entry(bed).or_default().push(delivery["control_id"].as_str().unwrap_or_default().to_owned());
    }
    arrived
}

fn count(hospital: &TestHospital) -> usize {
    hospital.database.count("SELECT count(*) FROM inbox")
}

async fn a_broken_cable_loses_doubles_redates_and_reorders_nothing(hospital: TestHospital) {
    let cable = Proxy::start(hospital.ports().https).await;
    let ward = Gateway::open(&hospital, cable.address).await;
    let mut lines = Vec::new();
    for _ in BEDS {
        lines.push(Monitor::connect(ward.mllp).await.unwrap());
    }
    let mut sent = Sent { lines, begun: Timestamp::now() - SignedDuration::from_hours(2), each: 0 };
    let before = count(&hospital);
    let came = || count(&hospital) - before;

    sent.more(4).await;
    within(PATIENCE, "a whole cable delivers", async || (came() == 12).then_some(())).await;

    // Cut in the middle of a request: the server has half a body and keeps nothing of it.
    cable.set(Cable::CutAfter(4_000));
    sent.more(8).await;
    within(PATIENCE, "requests are cut", async || (cable.broken() >= 3).then_some(())).await;

    // Taken by nobody, answered by nobody: only the gateway's own patience ends a request. It has two on their way,
    // deliveries and live values: with the third it has given one up.
    let taken = cable.taken();
    cable.set(Cable::Dead);
    sent.more(4).await;
    within(PATIENCE, "the gateway gives up and tries anew", async || (cable.taken() >= taken + 3).then_some(())).await;

    // The server commits, and its answer never arrives: what is sent again must not be there twice.
    cable.set(Cable::LosesAnswers(4_000));
    sent.more(8).await;
    let again =
        async || hospital.counted("benhan_ingest_deliveries_total{kind=\"device\",outcome=\"duplicate\"}").await;
    within(PATIENCE, "what was committed is sent again", async || (again().await > 0).then_some(())).await;

    // An answer that comes late, but comes.
    cable.set(Cable::Slow(Duration::from_millis(25)));
    sent.more(4).await;
    let slow = came();
    within(PATIENCE, "a slow cable delivers", async || (came() > slow).then_some(())).await;
    cable.set(Cable::Whole);

    let each = usize::try_from(sent.each).unwrap();
    within(PATIENCE, "everything has arrived", async || (came() >= each * BEDS.len()).then_some(())).await;
    assert_eq!(came(), each * BEDS.len(), "nothing twice");
    let order = arrived(&hospital);
    for bed in BEDS {
        let wanted: Vec<String> = (0..each).map(|number| format!("{bed}-{number}")).collect();
        assert_eq!(order[bed], wanted, "in the order in which the monitor spoke");
    }
    let tuan = hospital.login("tuan").await;
    for bed in BEDS {
        let times: Vec<Timestamp> = (0..sent.each).map(|number| sent.at(number)).collect();
        charted(&tuan, &tuan.stay_in(bed).await, &times).await;
    }
    let spool = ward.spool();
    within(PATIENCE, "the gateway knows that everything has arrived", async || {
        (spool.query("SELECT DISTINCT state FROM receipt") == ["delivered"]).then_some(())
    })
    .await;
    ward.stop().await;
    hospital.assert_intact().await;
}

/// Each measurement once, at the time that its monitor gave it.
async fn charted(nurse: &Actor, stay: &str, times: &[Timestamp]) {
    let whole = |at: &Timestamp| at.as_second();
    let wanted: Vec<i64> = times.iter().map(whole).collect();
    within(PATIENCE, "the chart has every measurement once and at its own time", async || {
        let sets = nurse.chart(stay).await;
        let device = sets.iter().filter(|set| set["source"] == "device");
        let found: Vec<i64> = device.map(|set| whole(&set["effectiveAt"].as_str().unwrap().parse().unwrap())).collect();
        (found == wanted).then_some(())
    })
    .await;
}
