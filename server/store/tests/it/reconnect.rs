//! What breaks under the store costs the callers of that moment, and nobody after them.

use crate::house::{House, hospital, register, sql, who};
use benhan_domain::access::system_search;
use benhan_store::{Db, DbUrl, Engine, StoreError, patients};
use diesel::prelude::*;
use std::collections::BTreeSet;
use std::sync::mpsc;

stories! {
    a_restarted_database_takes_writes_and_reads_again,
    readiness_asks_the_writers,
    a_disk_that_fills_takes_along_only_what_it_lost,
}

/// As a restart of PostgreSQL does to a client: every connection ends.
fn hang_up(house: &House) {
    if let Engine::Pg(c) = house.client().db() {
        let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        diesel::sql_query(all).execute(c).expect("they end");
    }
}

async fn put(db: &Db, there: &crate::house::Hospital, code: String) -> Result<(), StoreError> {
    let there = there.clone();
    db.write(move |tx| register(tx, &there, &code, &who("Phạm Văn Dũng")).map(drop)).await
}

async fn codes(db: &Db) -> BTreeSet<String> {
    let found = db.read(|conn| patients::search(conn, &system_search(), "pham van dung", 200)).await;
    found.expect("a search").into_iter().map(|p| p.code).collect()
}

async fn a_restarted_database_takes_writes_and_reads_again(house: House) {
    let db = house.open();
    let there = hospital(&db).await;
    for at in 0..20 {
        put(&db, &there, format!("26.{at:04}")).await.expect("before");
        codes(&db).await;
    }
    hang_up(&house);
    for at in 20..60 {
        put(&db, &there, format!("26.{at:04}")).await.expect("each writer makes a new connection");
    }
    assert_eq!(codes(&db).await.len(), 60);
    hang_up(&house);
    let (one, two) = tokio::join!(codes(&db), codes(&db));
    assert_eq!((one.len(), two.len()), (60, 60), "readers too");
    db.writable().await.expect("and it says so");
}

async fn readiness_asks_the_writers(house: House) {
    let db = house.open();
    db.writable().await.expect("it takes writes");
    let DbUrl::Postgres(url) = &house.url else { return };
    let (server, name) = url.rsplit_once('/').expect("a URL with a database");
    let mut admin = PgConnection::establish(&format!("{server}/postgres")).expect("a connection");
    let mut say = |words: &str| {
        diesel::sql_query(format!("ALTER DATABASE \"{name}\" WITH ALLOW_CONNECTIONS {words}"))
            .execute(&mut admin)
            .expect("altered");
    };
    let mut client = house.client();
    say("false");
    if let Engine::Pg(c) = client.db() {
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        diesel::sql_query(others).execute(c).expect("they end");
    }
    db.writable().await.expect_err("the database is away");
    say("true");
    db.writable().await.expect("it is back");
}

/// Only SQLite ends a transaction by itself; the others' share of it must not be told as kept, nor as lost when it is
/// there.
async fn a_disk_that_fills_takes_along_only_what_it_lost(house: House) {
    let DbUrl::Sqlite(_) = &house.url else { return };
    let db = house.open();
    let there = hospital(&db).await;
    // Holds the writer until the three behind it stand in one batch.
    let (let_go, held) = mpsc::channel::<()>();
    let (running, runs) = tokio::sync::oneshot::channel();
    let gate = tokio::spawn({
        let db = db.clone();
        async move {
            db.write(move |_| {
                running.send(()).expect("somebody waits for it");
                held.recv().map_err(|_| StoreError::Closed)
            })
            .await
        }
    });
    runs.await.expect("the writer is busy");
    let before = put(&db, &there, "26.0001".into());
    let full = db.write(|tx| {
        let room = "PRAGMA max_page_count = 1"; // as many pages as there are: not one more
        sql(tx.conn(), room)?;
        sql(tx.conn(), "INSERT INTO counter (name, value) VALUES (hex(zeroblob(4000000)), 1)")?;
        Ok::<_, StoreError>(())
    });
    let after = put(&db, &there, "26.0002".into());
    let (before, full, after, _) =
        tokio::join!(biased; before, full, after, async { let_go.send(()).expect("it waits") });
    gate.await.expect("no panic").expect("let go");
    full.expect_err("there is no room");
    let there_now = codes(&db).await;
    assert_eq!(before.is_ok(), there_now.contains("26.0001"), "{before:?}");
    assert_eq!(after.is_ok(), there_now.contains("26.0002"), "{after:?}");
    assert!(before.is_err(), "what it shared the transaction with is lost, and it was told: {before:?}");
    after.expect("who came after has a transaction of their own");
    put(&db, &there, "26.0003".into()).await.expect("and the writer goes on");
}
