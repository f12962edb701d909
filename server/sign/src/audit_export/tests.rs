//! Stories of exported audit chains.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::instant::MINUTE;
use crate::story::{Hospital, NOW, Person};

const CHAIN: &str = "0190a1b2-0000-7000-8000-000000000001";

fn rows(count: u64) -> Vec<Row> {
    let mut prev = FIRST_PREV;
    let made = (1..=count).map(|seq| {
        let body =
            String::from_utf8(canonical_json(&json!({"act": "view", "who": "Hương", "n": seq})).unwrap()).unwrap();
        let hash = row_hash(&prev, body.as_bytes());
        let row = Row { chain: CHAIN.into(), seq, prev: hex::encode(prev), body, hash: hex::encode(hash) };
        prev = hash;
        row
    });
    made.collect()
}

fn head_at(hospital: &Hospital, person: &Person, row: &Row) -> Line {
    let evidence = hospital.evidence(person, NOW).unwrap();
    let body = HeadBody::new(&row.chain, row.seq, &hash_from(&row.hash).unwrap(), NOW, "01234");
    Line::Head(sign_head(&body, &person.signer(&evidence), NOW).unwrap())
}

/// A head with the tree over these rows, or over what is said to be their tree.
fn head_with_tree(hospital: &Hospital, person: &Person, rows: &[Row], said: &[Row]) -> Line {
    let evidence = hospital.evidence(person, NOW).unwrap();
    let last = rows.last().unwrap();
    let mut tree = Frontier::default();
    said.iter().for_each(|row| tree.push(hash_from(&row.hash).unwrap()));
    let body = HeadBody::new(&last.chain, last.seq, &hash_from(&last.hash).unwrap(), NOW, "01234").with_tree(&tree);
    Line::Head(sign_head(&body, &person.signer(&evidence), NOW).unwrap())
}

fn export(lines: &[Line]) -> Vec<u8> {
    let mut text = serde_json::to_string(&Header::new("01234")).unwrap();
    for line in lines {
        text += "\n";
        text += &serde_json::to_string(line).unwrap();
    }
    (text + "\n").into_bytes()
}

fn check(hospital: &Hospital, bytes: &[u8]) -> AuditReport {
    verify(bytes, &hospital.authority.anchors(), NOW + MINUTE).unwrap()
}

fn codes(report: &AuditReport) -> Vec<&'static str> {
    report.findings.iter().map(Finding::code).collect()
}

/// Five rows, a head over the third, a head over the fifth.
fn sealed(hospital: &Hospital) -> Vec<Line> {
    let rows = rows(5);
    let seal = hospital.seal();
    let (third, fifth) = (head_at(hospital, &seal, &rows[2]), head_at(hospital, &seal, &rows[4]));
    let mut lines: Vec<Line> = rows.into_iter().map(Line::Row).collect();
    lines.insert(3, third);
    lines.push(fifth);
    lines
}

#[test]
fn a_sealed_chain_holds() {
    let hospital = Hospital::open();
    let report = check(&hospital, &export(&sealed(&hospital)));
    assert_eq!(report.findings, []);
    let chain = &report.chains[0];
    assert_eq!((chain.rows, chain.heads, chain.covered_to), (5, 2, 5));
    assert!(chain.signed_by.as_ref().unwrap().contains("01234"));
}

#[test]
fn rows_after_the_last_head_are_named_and_not_condemned() {
    let hospital = Hospital::open();
    let mut lines = sealed(&hospital);
    lines.pop();
    let report = check(&hospital, &export(&lines));
    assert_eq!(report.findings, [Finding::RowsAfterHead { chain: CHAIN.into(), from: 4, to: 5 }]);
    assert_eq!(report.severity(), Severity::Note);
}

#[test]
fn a_changed_row_is_seen_however_it_is_mended() {
    let hospital = Hospital::open();
    let change = |how: &dyn Fn(&mut Row)| {
        let mut lines = sealed(&hospital);
        if let Line::Row(row) = &mut lines[1] {
            how(row);
        }
        codes(&check(&hospital, &export(&lines)))
    };
    assert_eq!(change(&|row| row.body = row.body.replace("view", "edit")), ["row-changed"]);
    let rehashed = change(&|row| {
        row.body = row.body.replace("view", "edit");
        row.hash = hex::encode(row_hash(&hash_from(&row.prev).unwrap(), row.body.as_bytes()));
    });
    assert_eq!(rehashed, ["row-unlinked"], "the row after it no longer links");
}

#[test]
fn a_chain_rebuilt_from_a_changed_row_contradicts_its_heads() {
    let hospital = Hospital::open();
    let mut prev = FIRST_PREV;
    let lines: Vec<Line> = sealed(&hospital)
        .into_iter()
        .map(|line| match line {
            Line::Row(mut row) => {
                row.body = row.body.replace("Hương", "Lan");
                row.prev = hex::encode(prev);
                prev = row_hash(&prev, row.body.as_bytes());
                row.hash = hex::encode(prev);
                Line::Row(row)
            }
            head => head,
        })
        .collect();
    let report = check(&hospital, &export(&lines));
    assert_eq!(codes(&report), ["head-mismatch", "head-mismatch", "rows-after-head"]);
    assert_eq!(report.severity(), Severity::Tampered);
}

#[test]
fn removed_rows_are_missed() {
    let hospital = Hospital::open();
    let mut middle = sealed(&hospital);
    middle.remove(1);
    assert!(codes(&check(&hospital, &export(&middle))).contains(&"row-gap"));
    let mut end = sealed(&hospital);
    end.remove(5);
    assert_eq!(codes(&check(&hospital, &export(&end))), ["rows-cut", "rows-after-head"]);
}

// Clauses: SIG-8
#[test]
fn a_head_counts_only_under_the_seal() {
    let hospital = Hospital::open();
    let rows = rows(1);
    let by_nurse = head_at(&hospital, &hospital.nurse(), &rows[0]);
    let report = check(&hospital, &export(&[Line::Row(rows[0].clone()), by_nurse]));
    assert_eq!(codes(&report), ["head-without-seal", "rows-after-head"]);
    assert_eq!(report.severity(), Severity::Untrusted);

    let unsigned = check(&hospital, &export(&[Line::Row(rows[0].clone())]));
    assert_eq!(codes(&unsigned), ["no-head"]);
    assert_eq!(unsigned.severity(), Severity::Untrusted);
}

#[test]
fn an_unknown_authority_leaves_the_chain_intact_but_not_trusted() {
    let (hospital, stranger) = (Hospital::open(), Hospital::open());
    let report = check(&stranger, &export(&sealed(&hospital)));
    assert_eq!(report.severity(), Severity::Untrusted);
    assert_eq!(report.chains[0].covered_to, 0);
}

#[test]
fn a_cut_file_or_another_format_is_not_accepted() {
    let hospital = Hospital::open();
    let bytes = export(&sealed(&hospital));
    let report = check(&hospital, &bytes[..bytes.len() - 20]);
    assert_eq!(codes(&report), ["bad-line", "rows-after-head"]);
    assert_eq!(codes(&check(&hospital, b"")), ["bad-line"]);
    let newer = br#"{"format":"benhan-audit-export","version":2,"facility":"01234"}"#;
    assert_eq!(codes(&check(&hospital, newer)), ["unsupported"]);
    assert_eq!(codes(&check(&hospital, &export(&[]))), ["no-rows"]);
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        let with_header = [&export(&[])[..], &bytes].concat();
        for input in [&bytes, &with_header] {
            prop_assert!(verify(&input[..], &Anchors::default(), NOW).unwrap().severity() > Severity::Note);
        }
    }
}

#[test]
fn a_chain_that_vanished_whole_is_missed_by_the_one_after_it() {
    let hospital = Hospital::open();
    let (seal, old) = (hospital.seal(), rows(3));
    let next = "0190a1b2-0000-7000-8000-000000000002";
    let earlier = json!([{ "chain": CHAIN, "seq": 2, "hash": old[1].hash }]);
    let body = json!({ "act": "start", "detail": { "earlier": earlier } });
    let body = String::from_utf8(canonical_json(&body).unwrap()).unwrap();
    let hash = hex::encode(row_hash(&FIRST_PREV, body.as_bytes()));
    let start = Row { chain: next.into(), seq: 1, prev: hex::encode(FIRST_PREV), body, hash };
    let heads = [head_at(&hospital, &seal, &old[2]), head_at(&hospital, &seal, &start)];
    let line = |row: &Row| Line::Row(row.clone());
    let [of_old, of_new] = heads;
    let mut whole: Vec<Line> = old.iter().map(line).collect();
    whole.extend([of_old, line(&start), of_new.clone()]);
    assert_eq!(check(&hospital, &export(&whole)).findings, []);
    let without = [line(&start), of_new];
    let report = check(&hospital, &export(&without));
    assert_eq!(report.findings, [Finding::NamedRowMissing { chain: CHAIN.into(), seq: 2, by: next.into() }]);
    assert_eq!(report.severity(), Severity::Tampered);
}

// Clauses: C46-10.5
#[test]
fn a_head_answers_for_the_tree_that_it_names() {
    let hospital = Hospital::open();
    let seal = hospital.seal();
    let rows = rows(7);
    let with = |heads: Vec<Line>| {
        let lines: Vec<Line> = rows.iter().cloned().map(Line::Row).chain(heads).collect();
        check(&hospital, &export(&lines))
    };
    let (early, late) = (&rows[..3], &rows[..]);
    let good = with(vec![
        head_with_tree(&hospital, &seal, early, early),
        head_at(&hospital, &seal, &rows[4]),
        head_with_tree(&hospital, &seal, late, late),
    ]);
    assert_eq!(good.findings, [], "with a tree and, from an older program, without");
    let out_of_order =
        with(vec![head_with_tree(&hospital, &seal, late, late), head_with_tree(&hospital, &seal, early, early)]);
    assert_eq!(out_of_order.findings, []);
    let swapped: Vec<Row> = rows.iter().rev().cloned().collect();
    for said in [&rows[..6], &swapped] {
        let found = with(vec![head_with_tree(&hospital, &seal, late, said)]);
        let missing = Finding::TreeMismatch { chain: CHAIN.into(), seq: 7 };
        assert_eq!((found.findings.first(), found.severity()), (Some(&missing), Severity::Tampered));
    }
}
