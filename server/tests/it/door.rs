//! The login under attack: bounded work, the same face for every name, and a trace of what was tried.

use crate::house::{House, PASSWORD};
use benhan_server::app::AppError;
use benhan_server::app::accounts;
use std::collections::BTreeMap;

fn told(error: AppError) -> (&'static str, String) {
    match error {
        AppError::Refused(no) => (no.code, no.detail),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_logins_is_turned_away_and_a_person_still_gets_in() {
    let house = House::open().await;
    let flood: Vec<_> = (0..300)
        .map(|n| {
            let app = house.app.clone();
            tokio::spawn(
                async move { accounts::login(&app, format!("nobody{n}"), "guess".into(), None).await.map(drop) },
            )
        })
        .collect();
    let mut answers: BTreeMap<&str, usize> = BTreeMap::new();
    for one in flood {
        *answers.entry(told(one.await.expect("no panic").expect_err("a guess")).0).or_default() += 1;
    }
    assert!(answers["busy"] > 100, "{answers:?}");
    assert!(answers["bad-credentials"] >= 64, "who has a place in the queue is answered: {answers:?}");
    accounts::login(&house.app, "dd".into(), PASSWORD.into(), None).await.expect("in, when it is over");
}

#[tokio::test]
async fn a_name_that_exists_answers_like_one_that_does_not() {
    let house = House::open().await;
    let mut faces = Vec::new();
    for name in ["dd", "nobody"] {
        let mut face = Vec::new();
        for _ in 0..8 {
            let wrong = accounts::login(&house.app, name.into(), "guess".into(), None).await.map(drop);
            face.push(told(wrong.expect_err("a guess")));
        }
        faces.push(face);
    }
    assert_eq!(faces[0], faces[1]);
    assert_eq!(faces[0].last().expect("eight").0, "account-locked");
    let rows = house.audited("login-failed", "user").await;
    assert_eq!(rows, 10, "five looks at a password each, each with its row");
}
