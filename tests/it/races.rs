//! Two who want the same at the same moment: one has it, the other is told what to do.

use benhan_tests::{Actor, Answer, TestHospital, on_each_database};
use serde_json::{Value, json};

on_each_database!(
    one_bed_goes_to_one_of_those_who_ask_for_it_at_once,
    one_number_belongs_to_one_patient_however_many_register_it_at_once,
    a_patient_is_admitted_once,
    many_hands_at_once_disturb_nobody,
);

fn person(name: &str, national_id: Option<&str>) -> Value {
    json!({ "name": name, "birthDate": "1979-05-14", "sex": "female", "nationalId": national_id })
}

/// Everybody posts at once; the answers in their order.
async fn at_once(posts: Vec<(Actor, String, Value)>) -> Vec<Answer> {
    let posts: Vec<_> =
        posts.into_iter().map(|(who, path, body)| tokio::spawn(async move { who.post(&path, body).await })).collect();
    let mut answers = Vec::new();
    for post in posts {
        answers.push(post.await.unwrap());
    }
    answers
}

/// One success; every other answer is this conflict.
fn one_winner(answers: &[Answer], conflict: &str) -> Value {
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status < 300);
    for answer in &lost {
        assert_eq!(answer.refused(409), conflict);
    }
    assert_eq!(won.len(), 1, "{} of {} won", won.len(), answers.len());
    won[0].ok()
}

async fn bed(nurse: &Actor, label: &str) -> String {
    let beds = nurse.get(&format!("/wards/{}/beds", nurse.ward())).await.ok();
    let found = beds.as_array().unwrap().iter().find(|bed| bed["label"] == label).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn registered(nurse: &Actor, name: &str) -> String {
    let patient = nurse.post("/patients", person(name, None)).await.ok();
    patient["id"].as_str().unwrap().to_owned()
}

async fn one_bed_goes_to_one_of_those_who_ask_for_it_at_once(hospital: TestHospital) {
    let (nga, tuan) = (hospital.login("nga").await, hospital.login("tuan").await);
    let (wanted, free) = (bed(&nga, "N07").await, bed(&nga, "N15").await);
    let admission = |bed: &str| json!({ "wardId": nga.ward(), "bedId": bed, "diagnosis": "Viêm ruột thừa cấp" });
    let mut patients = Vec::new();
    for n in 0..8 {
        patients.push(registered(&nga, &format!("Lê Thị Tranh {}", ["An", "Bích"][n % 2])).await);
    }
    let posts = patients.iter().enumerate().map(|(n, patient)| {
        let who = if n % 2 == 0 { nga.clone() } else { tuan.clone() };
        (who, format!("/patients/{patient}/encounters"), admission(&wanted))
    });
    let won = one_winner(&at_once(posts.collect()).await, "bed-taken");
    assert_eq!(won["bed"]["label"], "N07");
    assert_eq!(nga.occupant("N07").await["encounterId"], won["id"]);

    // The others are as they were: each can still be admitted, here two who are then moved to one bed at once.
    let losers: Vec<&String> = patients.iter().filter(|patient| won["patient"]["id"] != ***patient).collect();
    let mut stays = Vec::new();
    for patient in &losers[..2] {
        let body = json!({ "wardId": nga.ward(), "diagnosis": "Theo dõi" });
        let stay = nga.post(&format!("/patients/{patient}/encounters"), body).await.ok();
        stays.push(stay["id"].as_str().unwrap().to_owned());
    }
    let moves = stays.iter().map(|stay| (nga.clone(), format!("/encounters/{stay}/move"), json!({ "bedId": free })));
    one_winner(&at_once(moves.collect()).await, "bed-taken");
    hospital.assert_intact().await;
}

// Clauses: C46-3.1, C13-1.3
async fn one_number_belongs_to_one_patient_however_many_register_it_at_once(hospital: TestHospital) {
    let (nga, ha) = (hospital.login("nga").await, hospital.login("ha").await);
    let posts = (0..8).map(|n| {
        let who = if n % 2 == 0 { nga.clone() } else { ha.clone() };
        (who, "/patients".to_owned(), person("Phạm Thị Trùng Số", Some("033179000123")))
    });
    let won = one_winner(&at_once(posts.collect()).await, "number-taken");
    let found = ha.post("/patients/search", json!({ "q": "033179000123" })).await.ok();
    assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &won["id"]));
    let by_name = ha.post("/patients/search", json!({ "q": "pham thi trung so" })).await.ok();
    assert_eq!(by_name.as_array().unwrap().len(), 1, "the losers left nothing behind");
}

// Clauses: KCB-2.17, KCB-69.1
async fn a_patient_is_admitted_once(hospital: TestHospital) {
    let (nga, ha) = (hospital.login("nga").await, hospital.login("ha").await);
    let patient = registered(&nga, "Võ Thị Hai Khoa").await;
    let posts = (0..6).map(|n| {
        let who = if n % 2 == 0 { nga.clone() } else { ha.clone() };
        let body = json!({ "wardId": who.ward(), "diagnosis": "Theo dõi" });
        (who, format!("/patients/{patient}/encounters"), body)
    });
    one_winner(&at_once(posts.collect()).await, "already-admitted");
}

/// Registrations and admissions take their numbers from counters that everybody shares.
async fn many_hands_at_once_disturb_nobody(hospital: TestHospital) {
    let (nga, ha, viet) = (hospital.login("nga").await, hospital.login("ha").await, hospital.login("viet").await);
    let mut patients = Vec::new();
    for n in 0..12 {
        patients.push(registered(&nga, &format!("Đặng Thị Song {}", ["Anh", "Hà", "Mai"][n % 3])).await);
    }
    let stay = ha.stay_in("G02").await;
    let mut posts = Vec::new();
    for (n, patient) in patients.iter().enumerate() {
        let items = if n % 2 == 0 { ["XN-CTM", "CD-XQN"] } else { ["CD-XQN", "XN-CTM"] };
        let admission = json!({ "wardId": nga.ward(), "diagnosis": "Theo dõi" });
        let entry = json!({ "effectiveAt": jiff::Timestamp::now().to_string(), "values": super::trips::by_hand(90) });
        posts.push((nga.clone(), format!("/patients/{patient}/encounters"), admission));
        posts.push((ha.clone(), "/patients".to_owned(), person("Đỗ Thị Song Song", None)));
        posts.push((viet.clone(), format!("/encounters/{stay}/orders"), json!({ "items": items })));
        posts.push((ha.clone(), format!("/encounters/{stay}/vitals"), entry));
    }
    for answer in at_once(posts).await {
        answer.ok();
    }
    let numbers = hospital.database.query("SELECT number FROM encounter ORDER BY number");
    let mut once = numbers.clone();
    once.dedup();
    assert_eq!(numbers, once, "a number is given once");
    hospital.assert_intact().await;
}
