//! The trail as the auditor reads it: who saw a patient, what a person did, page by page, and nothing of a patient for
//! those who see none.

use benhan_tests::{Actor, TestHospital, on_each_database, process};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_each_database!(
    the_auditor_asks_who_saw_a_patient_and_what_a_person_did,
    a_page_of_the_trail_ends_among_rows_of_one_instant_and_none_is_lost,
    a_trail_that_was_written_anew_is_told_by_the_heads_that_left_before,
);

async fn trail(who: &Actor, asked: &str) -> Vec<Value> {
    who.get(&format!("/audit?{asked}")).await.ok().as_array().unwrap().clone()
}

// Clauses: C46-10.5, CV-III.2a
async fn the_auditor_asks_who_saw_a_patient_and_what_a_person_did(hospital: TestHospital) {
    let (ha, auditor) = (hospital.login("ha").await, hospital.login("kiemtra").await);
    let (hers, his) = (ha.stay_in("G01").await, ha.stay_in("G02").await);
    let patient = ha.get(&format!("/encounters/{hers}")).await.ok()["patient"].clone();
    ha.get(&format!("/encounters/{his}")).await.ok();

    let id = patient["id"].as_str().unwrap();
    let looks = trail(&auditor, &format!("patient={id}&act=view")).await;
    assert!(!looks.is_empty() && looks.iter().all(|row| row["patient"]["id"] == id && row["action"] == "view"));
    let hers_alone = looks.iter().find(|row| row["actor"]["name"] == ha.staff.name.as_str()).expect("her look");
    assert_eq!(hers_alone["patient"], json!({ "id": id, "code": patient["code"], "name": patient["name"] }));
    assert_eq!(hers_alone["subjectKind"], "encounter");

    let person = ha.session["user"]["id"].as_str().unwrap();
    let acts = trail(&auditor, &format!("person={person}")).await;
    assert!(acts.iter().all(|row| row["actor"]["id"] == person), "hers and nobody else's");
    assert!(acts.iter().any(|row| row["action"] == "login") && acts.len() > looks.len());
    let newest = acts[0]["at"].as_str().unwrap();
    let earlier = trail(&auditor, &format!("person={person}&until={newest}")).await;
    assert!(!earlier.is_empty() && earlier.iter().all(|row| row["at"] != newest), "before it");

    // The list names patients, so reading it is a look too; the administrator's names none.
    let reader = auditor.session["user"]["id"].as_str().unwrap();
    let read = trail(&auditor, &format!("person={reader}&act=view")).await;
    assert!(read.iter().any(|row| row["subjectKind"] == "audit-list"), "{read:?}");
    let boss = hospital.login("quantri").await;
    assert!(trail(&boss, &format!("person={person}")).await.iter().all(|row| row["patient"] == Value::Null));
    assert_eq!(ha.get("/audit").await.refused(403), "forbidden");
    for wrong in ["patient=nobody", "person=1", "act=gossip", "from=yesterday", "after=0190"] {
        let answer = auditor.get(&format!("/audit?{wrong}")).await;
        assert!(matches!(answer.status, 400 | 404 | 422), "{wrong}: {}", answer.status);
    }
}

async fn a_page_of_the_trail_ends_among_rows_of_one_instant_and_none_is_lost(hospital: TestHospital) {
    let auditor = hospital.login("kiemtra").await;
    let key = |row: &Value| format!("{}/{}", row["chain"].as_str().unwrap(), row["seq"]);
    let whole = trail(&auditor, "limit=500").await;
    // Of what nobody writes any more.
    let until = whole[whole.len() / 2]["at"].as_str().unwrap().to_owned();
    let asked = format!("limit=3&until={until}");
    let (mut seen, mut page) = (Vec::new(), trail(&auditor, &asked).await);
    while let Some(last) = page.last().filter(|_| seen.len() < 60) {
        let next = format!("{asked}&after={}", key(last));
        seen.extend(page.iter().map(key));
        page = trail(&auditor, &next).await;
    }
    let older = whole.iter().skip_while(|row| row["at"] != until.as_str()).filter(|row| row["at"] != until.as_str());
    let expected: Vec<String> = older.map(key).collect();
    let compared = seen.len().min(expected.len());
    assert_eq!(seen[..compared], expected[..compared], "in the same order");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "each once");
    assert!(compared >= 10, "a demo's first minutes leave more than {compared} rows");
}

// Clauses: C46-10.5, SEC-4
async fn a_trail_that_was_written_anew_is_told_by_the_heads_that_left_before(mut hospital: TestHospital) {
    let away = hospital.scratch("worm");
    std::fs::create_dir(&away).unwrap();
    hospital.stop().await;
    hospital.set("BENHAN_AUDIT_HEADS_TO", &format!("[{:?}]", away.display().to_string()));
    hospital.restart().await;
    hospital.login("ha").await;
    hospital.stop().await;
    let compare = async || {
        let mut command = tokio::process::Command::new(process::binary());
        command.args(["audit", "verify", "--data-dir"]).arg(hospital.data("")).arg("--heads").arg(&away);
        command.arg("--trust").arg(hospital.data("trust/ca.pem")).envs(hospital.environment());
        let output = command.output().await.expect("it starts");
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let (holds, said) = compare().await;
    assert!(holds && said.contains("heads that were kept elsewhere say the same"), "{said}");

    // Whoever rules the machine takes the last chain away, with its signed heads: no chain after it misses it.
    let last = "SELECT a.chain_id FROM audit a WHERE a.seq = 1 AND NOT EXISTS (SELECT 1 FROM audit b \
                WHERE b.chain_id <> a.chain_id AND b.body LIKE '%' || a.chain_id || '%') LIMIT 1";
    let chain = hospital.database.query(last)[0].clone();
    hospital.database.unguarded("audit", "audit_no_delete");
    hospital.database.unguarded("audit_head", "audit_head_no_delete");
    for table in ["audit_head", "audit"] {
        hospital.database.execute(&format!("DELETE FROM {table} WHERE chain_id = '{chain}'"));
    }
    let (holds, said) = compare().await;
    assert!(!holds && said.contains(&chain) && said.contains("is gone"), "{said}");
}
