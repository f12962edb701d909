//! A row of the trail as a FHIR R4 AuditEvent: for the collectors that hospitals have. The type is a DICOM audit event (PS3.16,
//! CID 400), the action one of C, R, U and E; nothing here is ever deleted, so withdrawing is an update.

use benhan_domain::time::Instant;
use benhan_store::audit::Row;
use serde_json::{Value, json};

const DICOM: &str = "http://dicom.nema.org/resources/ontology/DCM";
const ENTITY: &str = "http://terminology.hl7.org/CodeSystem/audit-entity-type";
const ROLE: &str = "http://terminology.hl7.org/CodeSystem/object-role";

pub fn event(row: &Row, facility: &str) -> Value {
    let (code, display) = kind(row);
    let mut agent = json!({
        "requestor": row.actor_id.is_some(),
        "who": match &row.actor_id {
            Some(user) => json!({ "identifier": { "system": "urn:benhan:user", "value": user } }),
            None => json!({ "display": "benhan" }),
        },
    });
    if let (Some(address), Value::Object(agent)) = (row.source(), &mut agent) {
        agent.insert("network".into(), json!({ "address": address, "type": "2" }));
    }
    let mut entities = Vec::new();
    if let Some(patient) = &row.patient_id {
        entities.push(json!({
            "what": { "identifier": { "system": "urn:benhan:patient", "value": patient } },
            "type": { "system": ENTITY, "code": "1" }, "role": { "system": ROLE, "code": "1" },
        }));
    }
    entities.push(json!({
        "what": { "identifier": { "system": format!("urn:benhan:{}", row.subject_kind), "value": row.subject_id } },
        "type": { "system": ENTITY, "code": "2" }, "role": { "system": ROLE, "code": "4" },
        "detail": [{ "type": "body", "valueString": row.body }, { "type": "hash", "valueString": row.hash }],
    }));
    json!({
        "resourceType": "AuditEvent", "id": format!("{}.{}", row.chain_id, row.seq),
        "type": { "system": DICOM, "code": code, "display": display },
        "subtype": [{ "system": "urn:benhan:act", "code": row.act }],
        "action": action(&row.act), "recorded": Instant(row.at).rfc3339(), "outcome": outcome(&row.act),
        "agent": [agent],
        "source": { "site": facility, "observer": { "display": "benhan" } },
        "entity": entities,
    })
}

fn kind(row: &Row) -> (&'static str, &'static str) {
    match (row.act.as_str(), row.subject_kind.as_str()) {
        ("login" | "login-failed" | "denied" | "pin-failed" | "logout" | "lock" | "unlock", _) => {
            ("110114", "User Authentication")
        }
        ("start" | "stop", _) => ("110100", "Application Activity"),
        ("export" | "share" | "print", _) => ("110106", "Export"),
        (_, "audit-list") => ("110101", "Audit Log Used"),
        (_, "order" | "order-list") => ("110109", "Order Record"),
        (_, "study" | "unmatched-studies") => ("110103", "DICOM Instances Accessed"),
        (_, "user" | "second-factor" | "security-incident" | "session" | "hours" | "access-hours") => {
            ("110113", "Security Alert")
        }
        _ => ("110110", "Patient Record"),
    }
}

fn action(act: &str) -> &'static str {
    match act {
        "create" | "match" => "C",
        "view" | "print" | "export" | "share" => "R",
        "edit" | "cancel" | "restore" | "dismiss" => "U",
        _ => "E",
    }
}

/// 0: done; 4: refused.
fn outcome(act: &str) -> &'static str {
    if matches!(act, "login-failed" | "denied" | "pin-failed") { "4" } else { "0" }
}
