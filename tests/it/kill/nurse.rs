//! A nurse who charts and signs, and whose terminal tries again until it has an answer.

use super::account::Account;
use super::peers::Door;
use crate::trips::by_hand;
use benhan_tests::{Actor, Answer};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// Sets between two signatures.
const ROUND: usize = 3;

pub async fn works(actor: Actor, stays: [String; 2], mut door: Door, account: Account) {
    let mut unsigned: Vec<String> = Vec::new();
    for count in 0..5_000_u32 {
        let stay = &stays[usize::from(count / 3 % 2 == 1)];
        // As exact as the record keeps it.
        let at = Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap();
        let body = json!({ "effectiveAt": at.to_string(), "values": by_hand(60 + count % 40) });
        let key = Uuid::new_v4().to_string();
        let entered = insists(&actor, &format!("/encounters/{stay}/vitals"), &body, Some(&key), &mut door).await.ok();
        let set = entered["id"].as_str().unwrap().to_owned();
        account.entered(stay, &set, at);
        unsigned.push(set);
        // A sheet is typeset for each signature: two who sign leave the others room to work.
        if matches!(actor.staff.username.as_str(), "ha" | "nga") && unsigned.len() >= ROUND {
            signs(&actor, std::mem::take(&mut unsigned), &mut door, &account).await;
        }
        if door.is_last() {
            return;
        }
    }
}

/// One PIN for the round. Cut off, she signs again what the chart does not show as signed.
async fn signs(actor: &Actor, sets: Vec<String>, door: &mut Door, account: &Account) {
    let body = json!({ "pin": actor.staff.pin, "setIds": sets });
    let path = format!("/wards/{}/round/sign", actor.ward());
    let answer = insists(actor, &path, &body, None, door).await.ok();
    for failed in answer["failed"].as_array().unwrap() {
        assert_eq!(failed["code"], "already-signed", "{failed}");
    }
    for set in sets {
        account.signed(set);
    }
    for sheet in answer["charts"].as_array().unwrap() {
        account.sheet(sheet["documentId"].as_str().unwrap(), sheet["version"].as_i64().unwrap());
    }
}

/// Posts until the server answers.
async fn insists(actor: &Actor, path: &str, body: &Value, key: Option<&str>, door: &mut Door) -> Answer {
    loop {
        let (_, http, base) = door.open().await;
        match actor.at(http, base).try_post(path, body, key).await {
            Ok(answer) => return answer,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
