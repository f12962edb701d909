//! What is kept is on disk, once; what cannot be kept is an error and never a silence.

use benhan_contract::Protocol;
use benhan_uplink::{DuplicateWindow, GroupWriter, Incoming, KeepError, Spool, Surroundings, WriteError, sqlite};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::sqlite::SqliteConnection;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

fn message(text: &str, received_at: i64) -> Incoming {
    let mut dedupe_key = [0; 32];
    for (slot, byte) in dedupe_key.iter_mut().zip(text.bytes()) {
        *slot = byte;
    }
    Incoming {
        channel: "mllp".to_owned(),
        address: "10.0.9.1".to_owned(),
        lane: "one".to_owned(),
        protocol: Protocol::Hl7,
        dedupe_key,
        received_at,
        repeats_within: DuplicateWindow::TIMED,
        raw: text.as_bytes().to_vec(),
        complete: true,
    }
}

fn open(dir: &tempfile::TempDir) -> Spool {
    Spool::open(&dir.path().join("spool.db"), Surroundings::system()).unwrap().0
}

#[tokio::test]
async fn what_was_kept_is_there_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let kept = open(&dir).keep(message("MSH|1", 1)).await.unwrap();
    let again = open(&dir);
    let unread = again.unread(10).await.unwrap();
    assert_eq!(unread.len(), 1);
    assert_eq!((unread[0].id, unread[0].raw.as_slice()), (kept.id, &b"MSH|1"[..]));
}

#[tokio::test]
async fn a_repetition_is_answered_from_the_stored_row_for_a_week() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    let day = 86_400_000_000;
    let first = spool.keep(message("MSH|1", 0)).await.unwrap();
    let second = spool.keep(message("MSH|1", 6 * day)).await.unwrap();
    let late = spool.keep(message("MSH|1", 8 * day)).await.unwrap();
    assert!(!first.duplicate && second.duplicate && !late.duplicate);
    assert_eq!(first.id, second.id);
    assert_ne!(first.id, late.id);
}

#[tokio::test]
async fn without_a_time_in_it_the_same_bytes_are_a_new_message_the_next_day() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    let untimed = |at| Incoming { repeats_within: DuplicateWindow::UNTIMED, ..message("O|1|7", at) };
    let first = spool.keep(untimed(0)).await.unwrap();
    let again = spool.keep(untimed(60_000_000)).await.unwrap();
    let tomorrow = spool.keep(untimed(86_400_000_000)).await.unwrap();
    assert!(!first.duplicate && again.duplicate && !tomorrow.duplicate);
}

#[tokio::test]
async fn many_at_once_are_all_kept_and_repetitions_among_them_once() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    let keeps = (0..200).map(|number| {
        let spool = spool.clone();
        tokio::spawn(async move { spool.keep(message(&format!("MSH|{}", number % 100), 1)).await.unwrap() })
    });
    let mut duplicates = 0;
    for kept in keeps.collect::<Vec<_>>() {
        duplicates += usize::from(kept.await.unwrap().duplicate);
    }
    assert_eq!(duplicates, 100);
    assert_eq!(spool.status().await.unwrap().received, 100);
}

#[tokio::test]
async fn a_full_disk_is_an_error_to_every_caller_and_room_again_is_enough() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    let limit = |pages: &'static str| {
        let spool = spool.clone();
        async move {
            let set = move |connection: &mut SqliteConnection| {
                diesel::sql_query(format!("PRAGMA max_page_count = {pages}")).execute(connection)
            };
            let set: Result<usize, WriteError<Error>> = spool.writer().write(set).await;
            set.unwrap();
        }
    };
    limit("1").await;
    // Pages that a migration has freed hold a little; this does not compress and needs more.
    let mut state = 1u32;
    let noise: String = (0..200_000)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'!' + u8::try_from(state >> 24).unwrap() % 90)
        })
        .collect();
    let full = spool.keep(message(&noise, 1)).await;
    assert!(matches!(full, Err(KeepError::Storage(_))), "{full:?}");
    limit("1000000").await;
    spool.keep(message(&noise, 1)).await.unwrap();
    assert_eq!(spool.status().await.unwrap().received, 1);
}

#[tokio::test]
async fn a_damaged_spool_is_set_aside_and_a_new_one_begun() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spool.db");
    std::fs::write(&path, vec![b'x'; 10_000]).unwrap();
    let (spool, aside) = Spool::open(&path, Surroundings::system()).unwrap();
    spool.keep(message("MSH|1", 1)).await.unwrap();
    let aside = aside.expect("the operator is told where it is");
    assert_eq!(std::fs::read(aside).unwrap(), vec![b'x'; 10_000]);
}

#[tokio::test]
async fn frames_become_a_message_in_one_step_and_a_crash_leaves_them_to_be_taken_up() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    let partial = spool.keep_frame(None, "astm", "10.0.9.2", 0, b"one".to_vec()).await.unwrap();
    spool.keep_frame(Some(partial), "astm", "10.0.9.2", 1, b"two".to_vec()).await.unwrap();
    drop(spool);
    let spool = open(&dir);
    let orphans = spool.orphans().await.unwrap();
    assert_eq!(orphans.len(), 1);
    assert_eq!(orphans[0].raw, b"onetwo");
    spool.keep_assembled(orphans[0].id, message("onetwo", 1)).await.unwrap();
    assert!(spool.orphans().await.unwrap().is_empty());
    assert_eq!(spool.status().await.unwrap().received, 1);
}

#[tokio::test]
async fn age_removes_only_what_the_server_has() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    spool.keep(message("MSH|1", 1)).await.unwrap();
    assert_eq!(spool.prune(i64::MAX).await.unwrap(), 0);
    assert_eq!(spool.status().await.unwrap().received, 1);
}

// The writer by itself, on a table of its own.

fn writer(dir: &tempfile::TempDir) -> GroupWriter {
    let path = dir.path().join("w.db");
    GroupWriter::start("test-writer", move || sqlite::open(&path)).unwrap()
}

async fn run(writer: &GroupWriter, sql: &str) -> Result<usize, WriteError<Error>> {
    let sql = sql.to_owned();
    writer.write(move |connection| diesel::sql_query(sql).execute(connection)).await
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

async fn count(writer: &GroupWriter) -> i64 {
    let rows: Result<Vec<Count>, WriteError<Error>> =
        writer.write(|connection| diesel::sql_query("SELECT count(*) AS n FROM t").load(connection)).await;
    rows.unwrap()[0].n
}

#[tokio::test]
async fn one_that_fails_rolls_back_alone() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir);
    run(&writer, "CREATE TABLE t (x INTEGER PRIMARY KEY)").await.unwrap();
    let tasks: Vec<_> = (0..300)
        .map(|number: i64| {
            let writer = writer.clone();
            tokio::spawn(async move {
                let outcome: Result<(), WriteError<Error>> = writer
                    .write(move |connection| {
                        diesel::sql_query(format!("INSERT INTO t VALUES ({number})")).execute(connection)?;
                        match number % 3 {
                            0 => Err(Error::NotFound),
                            1 => panic!("a mistake in a closure"),
                            _ => Ok(()),
                        }
                    })
                    .await;
                (number % 3, outcome)
            })
        })
        .collect();
    for task in tasks {
        match task.await.unwrap() {
            (0, outcome) => assert!(matches!(outcome, Err(WriteError::Refused(Error::NotFound)))),
            (1, outcome) => assert!(matches!(outcome, Err(WriteError::Panicked))),
            (_, outcome) => outcome.unwrap(),
        }
    }
    assert_eq!(count(&writer).await, 100);
}

/// A deferred foreign key is checked at COMMIT, so it is the commit itself that fails.
#[tokio::test]
async fn a_failed_commit_fails_every_caller_of_its_group() {
    let dir = tempfile::tempdir().unwrap();
    let writer = writer(&dir);
    run(&writer, "CREATE TABLE p (x INTEGER PRIMARY KEY)").await.unwrap();
    run(&writer, "CREATE TABLE t (x INTEGER REFERENCES p (x) DEFERRABLE INITIALLY DEFERRED)").await.unwrap();
    let gate = Arc::new(std::sync::Barrier::new(2));
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let first = {
        let (writer, gate) = (writer.clone(), Arc::clone(&gate));
        let hold = move |_: &mut SqliteConnection| {
            begun.send(()).unwrap();
            gate.wait();
            Ok::<(), Error>(())
        };
        tokio::spawn(async move { writer.write(hold).await })
    };
    has_begun.await.unwrap();
    // While the first closure holds the thread, the next three line up as one group.
    let others: Vec<_> = ["INSERT INTO t VALUES (NULL)", "INSERT INTO t VALUES (99)", "INSERT INTO t VALUES (NULL)"]
        .into_iter()
        .map(|sql| {
            let writer = writer.clone();
            tokio::spawn(async move { run(&writer, sql).await })
        })
        .collect();
    // On this runtime's one thread, each runs until it waits for its answer.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
    first.await.unwrap().unwrap();
    for other in others {
        assert!(matches!(other.await.unwrap(), Err(WriteError::NotCommitted(_))));
    }
    assert_eq!(count(&writer).await, 0);
    run(&writer, "INSERT INTO t VALUES (NULL)").await.unwrap();
    assert_eq!(count(&writer).await, 1, "the writer goes on");
}

#[tokio::test]
async fn callers_that_arrive_together_share_commits() {
    static COMMITS: AtomicI64 = AtomicI64::new(0);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.db");
    let writer = GroupWriter::start("counting-writer", move || {
        let mut connection = sqlite::open(&path)?;
        connection.set_instrumentation(|event: diesel::connection::InstrumentationEvent<'_>| {
            if let diesel::connection::InstrumentationEvent::CommitTransaction { depth, .. } = event
                && depth.get() == 1
            {
                COMMITS.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok::<_, sqlite::OpenError>(connection)
    })
    .unwrap();
    run(&writer, "CREATE TABLE t (x INTEGER)").await.unwrap();
    let tasks: Vec<_> = (0..500)
        .map(|_| {
            let writer = writer.clone();
            tokio::spawn(async move { run(&writer, "INSERT INTO t VALUES (1)").await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(count(&writer).await, 500);
    assert!(COMMITS.load(Ordering::Relaxed) < 250, "{COMMITS:?}");
}

#[tokio::test]
async fn a_spool_of_before_bedside_devices_keeps_its_messages_and_their_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let spool = open(&dir);
    for text in ["MSH|1", "MSH|2", "MSH|3"] {
        spool.keep(message(text, 1)).await.unwrap();
    }
    // As it was; and the newest of its messages has been pruned.
    let older = |connection: &mut SqliteConnection| {
        connection
            .batch_execute(include_str!("../../../../migrations/spool/receipts/00000000000205_bedside/down.sql"))?;
        diesel::sql_query("DELETE FROM __diesel_schema_migrations WHERE version = '00000000000205'")
            .execute(connection)?;
        diesel::sql_query("DELETE FROM receipt WHERE id = 3").execute(connection)
    };
    let set: Result<usize, WriteError<Error>> = spool.writer().write(older).await;
    assert_eq!(set.unwrap(), 1);
    let refused = spool.keep(Incoming { protocol: Protocol::Dri, ..message("dri", 1) }).await;
    assert!(matches!(refused, Err(KeepError::Storage(_))), "{refused:?}");
    drop(spool);
    let spool = open(&dir);
    assert_eq!(spool.receipt(2).await.unwrap().unwrap().raw, b"MSH|2");
    assert!(spool.keep(message("MSH|1", 2)).await.unwrap().duplicate, "it knows what it had");
    let kept = spool.keep(Incoming { protocol: Protocol::Dri, ..message("dri", 1) }).await.unwrap();
    assert_eq!(kept.sequence, 4, "no number is given twice");
    assert_eq!(spool.receipt(4).await.unwrap().unwrap().protocol, Protocol::Dri);
}
