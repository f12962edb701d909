//! Two writers want the same thing: one gets it, the other is told, on both databases.

use crate::house::{Hospital, House, admitted, count, hospital, permit, register, who};
use benhan_domain::access::{Admit, Permit, Place, SearchPatients, ViewWard, WriteNote, system_search};
use benhan_domain::encounter::Outcome;
use benhan_domain::id::{DocumentId, EncounterId};
use benhan_domain::record::RecordState;
use benhan_store::documents::{self, NewDocument, NewVersion};
use benhan_store::{StoreError, counters, encounters, patients};
use std::sync::Arc;
use tokio::sync::Barrier;

stories! {
    one_bed_has_one_winner,
    one_national_id_has_one_winner,
    one_patient_is_in_hospital_once,
    who_has_left_takes_no_bed_and_leaves_once,
    a_discharge_and_a_move_leave_no_bed_behind,
    numbers_taken_in_any_order_hold_nobody_up,
    a_stay_has_one_chart,
    a_command_opens_the_record_while_others_write,
}

/// How many want it at once.
const WRITERS: usize = 8;

async fn one_bed_has_one_winner(house: House) {
    // Two handles are two processes: on SQLite two files' locks meet, on PostgreSQL eight transactions.
    let processes = [house.open(), house.open()];
    let hospital = hospital(&processes[0]).await;
    let mut stays = Vec::new();
    for code in ["26.0001", "26.0002", "26.0003", "26.0004", "26.0005", "26.0006", "26.0007", "26.0008"] {
        stays.push(admitted(&processes[0], &hospital, code, "Nguyễn Văn An", hospital.wards[0]).await);
    }
    let start = Arc::new(Barrier::new(WRITERS));
    let tries: Vec<_> = stays
        .into_iter()
        .enumerate()
        .map(|(at, stay)| {
            let (db, hospital, start) = (processes[at % 2].clone(), hospital.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                db.write(move |tx| {
                    let (permit, at) = (permit(&hospital.doctor, Place::Ward(hospital.wards[0])), tx.now());
                    encounters::move_to(tx, &permit, stay, hospital.beds[0], 1, at)
                })
                .await
            })
        })
        .collect();
    let mut won = 0;
    for one in tries {
        match one.await.expect("no panic") {
            Ok(moved) => won += usize::from(moved),
            Err(error) => assert!(error.is_taken("bed_assignment"), "{error:?}"),
        }
    }
    assert_eq!(won, 1);
    let ward = hospital.wards[0];
    let view = permit::<ViewWard>(&hospital.doctor, Place::Ward(ward));
    let lying = processes[1].read(move |conn| encounters::on_ward(conn, &view, ward)).await.expect("a ward");
    assert_eq!(lying.iter().filter(|e| e.bed.is_some()).count(), 1);
}

// Clauses: C46-3.1, C13-1.3
async fn one_national_id_has_one_winner(house: House) {
    let processes = [house.open(), house.open()];
    let hospital = hospital(&processes[0]).await;
    let start = Arc::new(Barrier::new(WRITERS));
    let tries: Vec<_> = (0..WRITERS)
        .map(|at| {
            let (db, hospital, start) = (processes[at % 2].clone(), hospital.clone(), Arc::clone(&start));
            tokio::spawn(async move {
                start.wait().await;
                db.write(move |tx| {
                    let mut person = who("Trần Thị Bình");
                    person.national_id = Some("079170001234".into());
                    register(tx, &hospital, &format!("26.{at:04}"), &person)
                })
                .await
            })
        })
        .collect();
    let mut won = Vec::new();
    for one in tries {
        match one.await.expect("no panic") {
            Ok(patient) => won.push(patient),
            Err(error) => assert!(error.is_taken("patient_identifier"), "{error:?}"),
        }
    }
    assert_eq!(won.len(), 1);
    let found = processes[0].read(|conn| patients::search(conn, &system_search(), "079170001234", 10)).await;
    let found: Vec<_> = found.expect("a search").into_iter().map(|p| p.id).collect();
    assert_eq!(found, won, "the losers left no half of a patient");
}

async fn one_patient_is_in_hospital_once(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Lê Văn Cường", hospital.wards[0]).await;
    let search = permit::<SearchPatients>(&hospital.doctor, Place::Facility);
    let again = db.write(move |tx| {
        let found = patients::search(tx.conn(), &search, "le van cuong", 2)?;
        let new = encounters::Admission {
            patient: found[0].id,
            number: "26-x".into(),
            ward: hospital.wards[1],
            admitted_at: tx.now(),
            diagnosis: "Theo dõi".into(),
            icd10: None,
            pregnant: false,
        };
        encounters::admit(tx, &permit(&hospital.doctor, Place::Ward(hospital.wards[1])), &new)
    });
    let refused = again.await.map(|other| assert_ne!(other, stay));
    assert!(matches!(refused, Err(StoreError::Taken { ref table }) if table == "encounter"), "{refused:?}");
}

fn may_admit(hospital: &Hospital) -> Permit<Admit> {
    permit(&hospital.doctor, Place::Ward(hospital.wards[0]))
}

async fn who_has_left_takes_no_bed_and_leaves_once(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Lê Văn Cường", hospital.wards[0]).await;
    let leaves = |outcome| {
        let hospital = hospital.clone();
        db.write(move |tx| {
            let at = tx.now();
            encounters::discharge(tx, &may_admit(&hospital), stay, outcome, at)
        })
    };
    assert!(leaves(Outcome::Home).await.expect("out"));
    assert!(!leaves(Outcome::Died).await.expect("told"), "the first outcome stands");
    let there = hospital.clone();
    let moved = db.write(move |tx| {
        let at = tx.now();
        encounters::move_to(tx, &may_admit(&there), stay, there.beds[2], 1, at)
    });
    assert!(!moved.await.expect("told"));
    let mut client = house.client();
    assert_eq!(count(&mut client, "SELECT count(*) AS n FROM bed_assignment WHERE to_at IS NULL"), 0);
    let kept = "SELECT count(*) AS n FROM encounter WHERE outcome = 'home'";
    assert_eq!(count(&mut client, kept), 1);
}

async fn a_discharge_and_a_move_leave_no_bed_behind(house: House) {
    let processes = [house.open(), house.open()];
    let hospital = hospital(&processes[0]).await;
    let codes = ["26.0001", "26.0002", "26.0003", "26.0004", "26.0005", "26.0006", "26.0007", "26.0008"];
    for code in codes {
        let stay = admitted(&processes[0], &hospital, code, "Lê Văn Cường", hospital.wards[0]).await;
        let start = Arc::new(Barrier::new(2));
        let (mover, leaver) = (hospital.clone(), hospital.clone());
        let (go, too) = (Arc::clone(&start), start);
        let moves = processes[0].write(move |tx| {
            let at = tx.now();
            encounters::move_to(tx, &may_admit(&mover), stay, mover.beds[0], 1, at)
        });
        let leaves = processes[1].write(move |tx| {
            let at = tx.now();
            encounters::discharge(tx, &may_admit(&leaver), stay, Outcome::Home, at)
        });
        let moves = async { (go.wait().await, moves.await).1 };
        let leaves = async { (too.wait().await, leaves.await).1 };
        let (moved, left) = tokio::join!(moves, leaves);
        assert!(left.expect("out"), "a move delays nobody's discharge");
        moved.expect("moved before, or told");
        let open = "SELECT count(*) AS n FROM bed_assignment WHERE to_at IS NULL";
        assert_eq!(count(&mut house.client(), open), 0, "the bed is free again");
    }
}

async fn numbers_taken_in_any_order_hold_nobody_up(house: House) {
    const CALLERS: usize = 400;
    let processes = [house.open(), house.open()];
    let start = Arc::new(Barrier::new(CALLERS));
    let calls: Vec<_> = (0..CALLERS)
        .map(|at| {
            let (db, start) = (processes[at % 2].clone(), Arc::clone(&start));
            let name = ["accession-26", "encounter-number-26", "patient-code-26"][at % 3];
            tokio::spawn(async move {
                start.wait().await;
                db.write(move |tx| counters::next(tx, name)).await.map(|n| (name, n))
            })
        })
        .collect();
    let mut given = std::collections::BTreeSet::new();
    for call in calls {
        given.insert(call.await.expect("no panic").expect("a number, at the first try"));
    }
    assert_eq!(given.len(), CALLERS, "no number twice");
}

async fn a_stay_has_one_chart(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Lê Văn Cường", hospital.wards[0]).await;
    let opens = |form: &'static str| {
        let hospital = hospital.clone();
        db.write(move |tx| sheet(tx, &hospital, stay, form))
    };
    opens("theo-doi-chuc-nang-song").await.expect("the first nurse's");
    let second = opens("theo-doi-chuc-nang-song").await;
    assert!(matches!(second, Err(ref e) if e.is_taken("document")), "{second:?}");
    opens("phieu-cham-soc").await.expect("a note");
    opens("phieu-cham-soc").await.expect("as many notes as there are");
}

fn sheet(tx: &mut benhan_store::Tx<'_>, hospital: &Hospital, stay: EncounterId, form: &str) -> Result<(), StoreError> {
    let place = Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active };
    let document: DocumentId = tx.fresh();
    let head =
        NewDocument { document, encounter: stay, form_code: form.into(), form_version: 1, title: "Phiếu".into() };
    let first = NewVersion {
        status: "signed".into(),
        effective_at: tx.now().0,
        author: hospital.nurse.user,
        reason_code: None,
        reason: None,
        body: "{}".into(),
        pdf_sha256: None,
    };
    documents::open(tx, &permit::<WriteNote>(&hospital.nurse, place), &head, &first)
}

// As `benhan user passwd` beside a running server: it is never told that the database is locked.
async fn a_command_opens_the_record_while_others_write(house: House) {
    house.open().close();
    let house = Arc::new(house);
    let chains = |house: &House| count(&mut house.client(), "SELECT count(DISTINCT chain_id) AS n FROM audit");
    let each = chains(&house); // one a writer, of which PostgreSQL has several
    let opened: Vec<_> = (0..WRITERS)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::task::spawn_blocking(move || (0..8).map(|_| house.open()).for_each(|db| db.close()))
        })
        .collect();
    for one in opened {
        one.await.expect("every one opens");
    }
    assert_eq!(chains(&house), 65 * each);
}
