//! The trail can be recomputed from its rows, and a new start names the chains before it.

use crate::house::{House, admitted, hospital, sql};
use benhan_domain::audit::Act;
use benhan_store::audit::{self, Entry, Head, Row};
use benhan_store::{Conn, Db, Engine, StoreError, chains as trail, dialect};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

stories! {
    every_row_links_to_the_one_before,
    a_new_start_names_the_earlier_heads,
    an_act_that_fails_leaves_no_row,
    what_is_taken_from_the_trail_or_changed_in_it_is_noticed,
    reads_that_must_agree_see_nothing_of_what_is_written_meanwhile,
}

async fn act(db: &Db, subject: String) -> Result<(), StoreError> {
    db.write(move |tx| {
        let entry = Entry {
            actor: None,
            act: Act::View,
            subject_kind: "ward-board",
            subject_id: subject,
            patient: None,
            encounter: None,
            detail: json!({ "b": 1, "a": "Đ" }),
        };
        audit::append(tx, entry)
    })
    .await
}

async fn chains(db: &Db) -> BTreeMap<String, Vec<Row>> {
    let read = db.read(|conn| {
        let mut chains = BTreeMap::new();
        for head in audit::heads(conn, 100)? {
            chains.insert(head.chain.clone(), audit::rows_after(conn, &head.chain, 0, 1_000)?);
        }
        Ok::<_, StoreError>(chains)
    });
    read.await.expect("the trail")
}

/// As anybody with the rows and no program of ours computes it.
fn recomputed(rows: &[Row]) -> Vec<String> {
    let mut prev = vec![0_u8; 32];
    rows.iter()
        .map(|row| {
            let bytes = [&[0_u8], prev.as_slice(), row.body.as_bytes()].concat();
            prev = Sha256::digest(bytes).to_vec();
            hex::encode(&prev)
        })
        .collect()
}

// Clauses: C13-2.3, CV-III.1.3c
async fn every_row_links_to_the_one_before(house: House) {
    let db = house.open();
    for at in 0..20 {
        act(&db, at.to_string()).await.expect("written");
    }
    let mut acts = 0;
    for (chain, rows) in chains(&db).await {
        let hashes: Vec<_> = rows.iter().map(|r| r.hash.clone()).collect();
        assert_eq!(hashes, recomputed(&rows));
        for (at, row) in (1_i64..).zip(&rows) {
            let body: Value = serde_json::from_str(&row.body).expect("JSON");
            assert_eq!((row.seq, body["seq"].as_i64(), body["chain"].as_str()), (at, Some(at), Some(chain.as_str())));
            assert_eq!(audit::canonical(&body).expect("canonical"), row.body, "what is hashed is RFC 8785");
        }
        acts += rows.iter().filter(|r| r.act == "view").count();
    }
    assert_eq!(acts, 20);
}

async fn a_new_start_names_the_earlier_heads(house: House) {
    let first = house.open();
    act(&first, "1".into()).await.expect("written");
    let before = first.read(|conn| audit::heads(conn, 100)).await.expect("heads");
    first.close();
    let second = house.open();
    let after = chains(&second).await;
    let known: Vec<&String> = before.iter().map(|h| &h.chain).collect();
    let started: Vec<&Vec<Row>> =
        after.iter().filter(|(chain, _)| !known.contains(chain)).map(|(_, rows)| rows).collect();
    assert!(!started.is_empty());
    for rows in started {
        let body: Value = serde_json::from_str(&rows[0].body).expect("JSON");
        let named: Vec<Value> = body["detail"]["earlier"].as_array().expect("a list").clone();
        for Head { chain, seq, hash } in &before {
            assert!(named.contains(&json!({ "chain": chain, "seq": seq, "hash": hash })), "{chain} is not named");
        }
    }
}

async fn an_act_that_fails_leaves_no_row(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    admitted(&db, &hospital, "26.0001", "Vũ Văn Em", hospital.wards[0]).await;
    let rows = |chains: &BTreeMap<String, Vec<Row>>| chains.values().map(Vec::len).sum::<usize>();
    let before = rows(&chains(&db).await);
    let failed = db.write(|tx| {
        let entry = Entry {
            actor: None,
            act: Act::Edit,
            subject_kind: "encounter",
            subject_id: "x".into(),
            patient: None,
            encounter: None,
            detail: json!({}),
        };
        audit::append(tx, entry)?;
        Err::<(), _>(StoreError::BadUrl)
    });
    failed.await.expect_err("refused");
    act(&db, "2".into()).await.expect("written");
    let after = chains(&db).await;
    assert_eq!(rows(&after), before + 1);
    assert!(
        after.values().all(|rows| recomputed(rows).last() == rows.last().map(|r| &r.hash)),
        "no gap, no broken link"
    );
}

/// As an export reads: the rows first, later what was signed over them.
async fn reads_that_must_agree_see_nothing_of_what_is_written_meanwhile(house: House) {
    let db = house.open();
    let (mut conn, writing, now) = (house.client(), db.clone(), tokio::runtime::Handle::current());
    let rows = |conn: &mut Conn| audit::latest(conn, &audit::Wanted::default(), 500).map(|rows| rows.len());
    let seen = tokio::task::spawn_blocking(move || {
        let seen = dialect::snapshot(&mut conn, |conn| {
            let before = rows(conn)?;
            now.block_on(act(&writing, "meanwhile".into()))?;
            Ok::<_, StoreError>((before, rows(conn)?))
        })?;
        Ok::<_, StoreError>((seen, rows(&mut conn)?))
    });
    let ((before, after), outside) = seen.await.expect("it ends").expect("read");
    assert_eq!(before, after);
    assert_eq!(outside, before + 1, "and the connection is as before");
}

// Clauses: C46-10.5, CV-III.4, SEC-4
/// What somebody who owns the database can do, one after the other, each put right again by nobody.
async fn what_is_taken_from_the_trail_or_changed_in_it_is_noticed(house: House) {
    let first = house.open();
    for _ in 0..16 {
        act(&first, "1".into()).await.expect("written, by each writer");
    }
    let gone = first.read(|conn| audit::heads(conn, 1)).await.expect("heads").remove(0).chain;
    first.close();
    let second = house.open();
    for _ in 0..16 {
        act(&second, "2".into()).await.expect("written");
    }
    let whole = second.read(trail::check).await.expect("nothing is missing");
    assert!(whole > 3, "{whole}");
    let last = second.read(|conn| audit::heads(conn, 1)).await.expect("heads").remove(0);
    let sealed = json!({ "chain": last.chain, "seq": last.seq, "hash": last.hash }).to_string();
    let head = last.clone();
    second.write(move |tx| audit::keep_head(tx, &head, &sealed, &[1], None)).await.expect("a signed head");
    second.read(trail::check).await.expect("the head fits its row");

    let mut owner = house.client();
    let on = |conn: &mut Conn, statement: &str| {
        match conn.db() {
            Engine::Sqlite(_) => {
                sql(conn, "DROP TRIGGER IF EXISTS audit_no_update").expect("he may");
                sql(conn, "DROP TRIGGER IF EXISTS audit_no_delete").expect("he may");
            }
            Engine::Pg(_) => _ = sql(conn, "ALTER TABLE audit DISABLE TRIGGER USER").expect("he may"),
        }
        sql(conn, statement).expect("done");
    };
    let found = async || match second.read(trail::check).await {
        Err(StoreError::Corrupt { table, column, .. }) => format!("{table}.{column}"),
        other => panic!("not noticed: {other:?}"),
    };
    on(&mut owner, "UPDATE audit SET patient_id = 'somebody else' WHERE act = 'view' AND subject_id = '2'");
    assert_eq!(found().await, "audit.patient_id");
    on(&mut owner, "UPDATE audit SET patient_id = NULL");
    second.read(trail::check).await.expect("as it was");
    // The one chain that nothing later names: only its signed head remembers.
    on(&mut owner, &format!("CREATE TABLE put_by AS SELECT * FROM audit WHERE chain_id = '{}'", last.chain));
    on(&mut owner, &format!("DELETE FROM audit WHERE chain_id = '{}'", last.chain));
    assert_eq!(found().await, "audit_head.row");
    on(&mut owner, "INSERT INTO audit SELECT * FROM put_by");
    second.read(trail::check).await.expect("as it was");
    on(&mut owner, &format!("DELETE FROM audit WHERE chain_id = '{gone}' AND seq = 1"));
    assert_eq!(found().await, "audit.seq", "a chain without its first row is a chain");
    on(&mut owner, &format!("DELETE FROM audit WHERE chain_id = '{gone}'"));
    assert_eq!(found().await, "audit.row", "a chain that vanished whole is named by the one after it");
}
