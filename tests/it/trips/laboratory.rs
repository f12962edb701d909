//! Trip 1, analyzer → result.

use benhan_tests::analyzer::{Line, report};
use benhan_tests::{Actor, TestHospital, eventually, on_each_database};
use serde_json::{Value, json};

on_each_database!(
    a_tube_comes_back_as_a_result_that_a_technician_releases,
    a_tube_with_a_label_that_nobody_can_read_waits_for_a_technician,
);

/// Ordered by the doctor, drawn by the nurse: the order with its barcode.
async fn drawn(doctor: &Actor, nurse: &Actor, stay: &str) -> Value {
    let placed = doctor.post(&format!("/encounters/{stay}/orders"), json!({ "items": ["XN-SHM"] })).await.ok();
    let order = placed[0]["id"].as_str().unwrap();
    nurse.post(&format!("/orders/{order}/collect"), json!(null)).await.ok()
}

async fn results(of: &Actor, stay: &str, barcode: &Value) -> Vec<Value> {
    let all = of.get(&format!("/encounters/{stay}/results")).await.ok();
    all.as_array().unwrap().iter().filter(|result| result["barcode"] == *barcode).cloned().collect()
}

// Clauses: CV-III.1.1b, CV-III.1.1i
async fn a_tube_comes_back_as_a_result_that_a_technician_releases(hospital: TestHospital) {
    let (viet, ha, minh) = (hospital.login("viet").await, hospital.login("ha").await, hospital.login("minh").await);
    let stay = ha.stay_in("G02").await;
    let order = drawn(&viet, &ha, &stay).await;
    let barcode = order["barcode"].as_str().unwrap();
    assert_eq!(order["state"], "collected");

    let mut line = Line::connect(hospital.ports().astm).await.unwrap();
    line.transfer(&report(barcode, &[("K", "6.81", "mmol/L"), ("GLU", "5.20", "mmol/L")])).await.unwrap();
    let came = eventually("the results are on the chart", async || {
        Some(results(&viet, &stay, &order["barcode"]).await).filter(|found| found.len() == 2)
    })
    .await;
    assert!(came.iter().all(|result| result["status"] == "preliminary" && result["orderId"] == order["id"]));
    assert_eq!(ha.occupant("G02").await["critical"], json!(null), "not before a technician has looked");

    let waiting = minh.get("/results/unreleased").await.ok();
    let of_tube = |result: &&Value| result["barcode"] == order["barcode"];
    let mine: Vec<&Value> = waiting.as_array().unwrap().iter().filter(of_tube).collect();
    let body = json!({
        "ids": mine.iter().map(|result| &result["id"]).collect::<Vec<_>>(),
        "versions": mine.iter().map(|result| &result["version"]).collect::<Vec<_>>(),
    });
    assert_eq!(ha.post("/results/release", body.clone()).await.refused(403), "forbidden");
    minh.post("/results/release", body.clone()).await.ok();
    assert_eq!(minh.post("/results/release", body).await.refused(409), "version-conflict");

    let released = results(&viet, &stay, &order["barcode"]).await;
    assert!(released.iter().all(|result| result["status"] == "final"));
    assert!(released.iter().all(|result| result["releasedBy"]["name"] == minh.staff.name));
    let potassium = released.iter().find(|result| result["code"] == "K").unwrap();
    assert_eq!((&potassium["value"], &potassium["critical"]), (&json!("6.81"), &json!(true)));
    let card = ha.occupant("G02").await;
    assert!(card["critical"]["text"].as_str().unwrap().contains("6,8"), "{}", card["critical"]);
}

async fn a_tube_with_a_label_that_nobody_can_read_waits_for_a_technician(hospital: TestHospital) {
    let (viet, ha, minh) = (hospital.login("viet").await, hospital.login("ha").await, hospital.login("minh").await);
    let stay = ha.stay_in("G04").await;
    let order = drawn(&viet, &ha, &stay).await;
    let mut line = Line::connect(hospital.ports().astm).await.unwrap();
    line.transfer(&report("SMUDGED", &[("NA", "139", "mmol/L")])).await.unwrap();

    let item = eventually("it waits", async || {
        let list = minh.get("/waiting").await.ok();
        list.as_array().unwrap().iter().find(|item| item["specimen"] == "SMUDGED").cloned()
    })
    .await;
    assert_eq!((&item["kind"], &item["reason"]), (&json!("lab"), &json!("unknown-specimen")));
    assert_eq!(item["readings"][0]["value"], "139");
    let path = format!("/waiting/{}/match", item["id"].as_str().unwrap());
    let body = json!({ "encounterId": stay, "orderId": order["id"], "confirmed": ["name", "birthDate"] });
    assert_eq!(ha.post(&path, body.clone()).await.refused(404), "not-found", "whose tube it is, the laboratory says");
    assert_eq!(minh.post(&path, body).await.status, 204);
    let found = results(&viet, &stay, &order["barcode"]).await;
    assert_eq!((&found[0]["code"], &found[0]["status"]), (&json!("NA"), &json!("preliminary")));
    let handled = minh.get("/waiting?state=handled").await.ok();
    assert_eq!(handled[0]["id"], item["id"]);
}
