//! Many callers share a commit; one that fails takes nobody along.

use crate::house::{House, hospital, register, who};
use benhan_domain::access::system_search;
use benhan_store::{StoreError, Tx, devices, patients};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Barrier;

stories! {
    a_failing_write_rolls_back_alone,
    a_part_that_fails_takes_back_itself_alone,
    nothing_is_told_before_it_is_kept,
    a_list_of_writes_keeps_its_order,
}

/// One delivery of a batch, for example, that the database cannot keep.
async fn a_part_that_fails_takes_back_itself_alone(house: House) {
    let db = house.open();
    let told = Arc::new(AtomicUsize::new(0));
    let (kept, lost) = (Arc::clone(&told), Arc::clone(&told));
    let written = db.write(move |tx| {
        let seen = |tx: &mut Tx<'_>, key: &str| devices::seen(tx, key, key, "monitor", "mllp", None).map(drop);
        seen(tx, "first")?;
        let part: Result<(), StoreError> = tx.savepoint(|tx| {
            seen(tx, "taken back")?;
            tx.after_commit(move || {
                lost.fetch_add(10, Ordering::SeqCst);
            });
            Err(StoreError::BadUrl)
        });
        assert!(part.is_err());
        // PostgreSQL keeps no U+0000, and after such an answer would do nothing more without the savepoint.
        if let Err(error) = tx.savepoint(|tx| seen(tx, "odd\u{0}")) {
            assert!(matches!(error, StoreError::UnfitText { .. }) && !error.is_unavailable(), "{error:?}");
        }
        tx.savepoint(|tx| {
            tx.after_commit(move || {
                kept.fetch_add(1, Ordering::SeqCst);
            });
            seen(tx, "last")
        })
    });
    written.await.expect("the rest is kept");
    let names =
        db.read(|conn| Ok::<_, StoreError>(devices::all(conn)?.into_iter().map(|d| d.name).collect::<Vec<_>>()));
    let mut names = names.await.expect("devices");
    names.retain(|name| !name.starts_with("odd"));
    assert_eq!(names, ["first", "last"]);
    assert_eq!(told.load(Ordering::SeqCst), 1, "what was taken back tells nobody");
}

async fn a_failing_write_rolls_back_alone(house: House) {
    const CALLERS: usize = 60;
    let db = house.open();
    let hospital = hospital(&db).await;
    let start = Arc::new(Barrier::new(CALLERS));
    let calls: Vec<_> = (0..CALLERS)
        .map(|at| {
            let (db, hospital, start) = (db.clone(), hospital.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                db.write(move |tx| {
                    register(tx, &hospital, &format!("26.{at:04}"), &who("Phạm Văn Dũng"))?;
                    match at % 3 {
                        0 => Ok(()),
                        1 => Err(StoreError::BadUrl), // whatever a use case may say after it has written
                        _ => panic!("a bug in a use case"),
                    }
                })
                .await
            })
        })
        .collect();
    for (at, call) in calls.into_iter().enumerate() {
        let outcome = call.await.expect("the caller lives");
        match at % 3 {
            0 => outcome.expect("kept"),
            1 => assert!(matches!(outcome, Err(StoreError::BadUrl)), "{outcome:?}"),
            _ => assert!(matches!(outcome, Err(StoreError::Panicked)), "{outcome:?}"),
        }
    }
    let found = db.read(|conn| patients::search(conn, &system_search(), "pham van dung", 100)).await.expect("a search");
    let mut codes: Vec<_> = found.into_iter().map(|p| p.code).collect();
    codes.sort();
    let kept: Vec<_> = (0..CALLERS).filter(|at| at % 3 == 0).map(|at| format!("26.{at:04}")).collect();
    assert_eq!(codes, kept);
}

async fn nothing_is_told_before_it_is_kept(house: House) {
    let db = house.open();
    let told = Arc::new(AtomicUsize::new(0));
    let heard = Arc::clone(&told);
    let kept = db.write(move |tx| {
        tx.after_commit(move || _ = heard.fetch_add(1, Ordering::SeqCst));
        Ok::<_, StoreError>(())
    });
    kept.await.expect("kept");
    assert_eq!(told.load(Ordering::SeqCst), 1);
    let heard = Arc::clone(&told);
    let failed = db.write(move |tx| {
        tx.after_commit(move || _ = heard.fetch_add(1, Ordering::SeqCst));
        Err::<(), _>(StoreError::BadUrl)
    });
    failed.await.expect_err("refused");
    assert_eq!(told.load(Ordering::SeqCst), 1, "a write that failed wakes nobody");
}

async fn a_list_of_writes_keeps_its_order(house: House) {
    const WRITES: usize = 300; // more than share a commit
    let db = house.open();
    let hospital = hospital(&db).await;
    let ran = Arc::new(std::sync::Mutex::new(Vec::new()));
    let acts = (0..WRITES).map(|at| {
        let (hospital, ran) = (hospital.clone(), Arc::clone(&ran));
        move |tx: &mut benhan_store::Tx<'_>| {
            ran.lock().expect("not poisoned").push(at);
            register(tx, &hospital, &format!("26.{at:04}"), &who("Phạm Văn Dũng"))?;
            if at % 7 == 3 { Err(StoreError::BadUrl) } else { Ok(at) }
        }
    });
    let outcomes = db.write_in_order(acts.collect()).await.expect("the writer works");
    assert_eq!(*ran.lock().expect("not poisoned"), (0..WRITES).collect::<Vec<_>>());
    for (at, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Ok(kept) => assert_eq!((kept, at % 7 != 3), (at, true)),
            Err(refused) => assert!(at % 7 == 3 && matches!(refused, StoreError::BadUrl), "{at}: {refused:?}"),
        }
    }
    let found = db.read(|conn| patients::search(conn, &system_search(), "pham van dung", 500)).await.expect("a search");
    assert_eq!(found.len(), (0..WRITES).filter(|at| at % 7 != 3).count());
}
