//! Power goes in the middle of a working day, again and again.
//!
//! Nurses, monitors, an analyzer and modalities work at once; the process is killed without warning and started over
//! what it left. Each peer keeps a list of what it was told is safe, and sends again what it was not told about.

mod account;
mod door;
mod nurse;
mod peers;
mod signed;

use account::Account;
use benhan_tests::{TestHospital, on_each_database, within};
use door::Access;
use peers::Ward;
use std::time::Duration;
use tokio::sync::watch;

on_each_database!(alone_nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed_under_load);

/// 10 in `make test`; `BENHAN_KILLS=200` in `make soak`.
fn kills() -> usize {
    std::env::var("BENHAN_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

async fn alone_nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed_under_load(
    mut hospital: TestHospital,
) {
    // A monitor repeats the very bytes that nobody acknowledged. On a slow machine the hospital may be away for longer
    // than a clock may be off, and they would wait for a person.
    hospital.set("BENHAN_SERVER_MAX_SKEW_SECONDS", "3600");
    let ward = Ward::prepare(&hospital).await;
    let account = Account::default();
    let (open, access) = watch::channel(Access::Closed);
    let work = ward.work(&hospital, &access, &account).await;
    open.send_replace(Access::to(&hospital));

    for kill in 0..kills() {
        // Each kind of peer has made progress since the last kill, a signed sheet included, so each is in the middle of
        // something.
        let mark = account.totals();
        let what = format!("progress since {mark:?}");
        let progress = within(Duration::from_secs(120), &what, async || {
            account.totals().has_grown_since(&mark).then_some(account.totals())
        });
        eprintln!("kill {kill}: {:?} are safe", progress.await);
        // Somewhere between two thoughts, another place each time.
        tokio::time::sleep(Duration::from_millis(u64::try_from(kill * 13 % 47).unwrap())).await;
        hospital.kill().await;
        open.send_replace(Access::Closed);
        hospital.restart().await;
        hospital.assert_intact().await;
        account.assert_kept(&hospital, &ward, false).await;
        open.send_replace(Access::to(&hospital));
    }
    open.send_replace(Access::LastOne(Box::new(Access::to(&hospital))));
    for peer in work {
        within_limit(peer).await;
    }
    account.assert_kept(&hospital, &ward, true).await;
    hospital.stop().await;
    hospital.assert_sealed().await;
}

async fn within_limit(peer: tokio::task::JoinHandle<()>) {
    tokio::time::timeout(Duration::from_secs(240), peer).await.expect("it ends its work").unwrap();
}
