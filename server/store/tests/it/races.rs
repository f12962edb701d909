//! Two writers want the same thing: one gets it, the other is told, on both databases.

use crate::house::{House, admitted, hospital, permit, register, who};
use benhan_domain::access::{Place, SearchPatients, ViewWard, system_search};
use benhan_store::{StoreError, encounters, patients};
use std::sync::Arc;
use tokio::sync::Barrier;

stories! { one_bed_has_one_winner, one_national_id_has_one_winner, one_patient_is_in_hospital_once }

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
            Ok(()) => won += 1,
            Err(error) => assert!(error.is_taken("bed_assignment"), "{error:?}"),
        }
    }
    assert_eq!(won, 1);
    let ward = hospital.wards[0];
    let view = permit::<ViewWard>(&hospital.doctor, Place::Ward(ward));
    let lying = processes[1].read(move |conn| encounters::on_ward(conn, &view, ward)).await.expect("a ward");
    assert_eq!(lying.iter().filter(|e| e.bed.is_some()).count(), 1);
}

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
