//! A nurse who charts and signs, and whose terminal tries again until it has an answer.

use super::account::Account;
use super::door::Door;
use crate::trips::by_hand;
use benhan_tests::{Actor, Answer};
use jiff::Timestamp;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use uuid::Uuid;

/// Sets between two signatures.
const ROUND: usize = 3;

pub async fn works(actor: Actor, stays: [String; 2], mut door: Door, account: Account) {
    let mut unsigned: Vec<String> = Vec::new();
    for count in 0..5_000_u16 {
        let stay = &stays[usize::from(count / 3 % 2 == 1)];
        // As exact as the record keeps it.
        let at = Timestamp::from_microsecond(Timestamp::now().as_microsecond()).unwrap();
        let body = json!({ "effectiveAt": at.to_string(), "values": by_hand(60 + u32::from(count % 40)) });
        let key = Uuid::new_v4().to_string();
        let path = format!("/encounters/{stay}/vitals");
        let entered = insists(&actor, &mut door, |nurse| nurse.posting(&path, &body, Some(&key))).await.ok();
        let set = entered["id"].as_str().unwrap().to_owned();
        account.entered(stay, &set, at);
        unsigned.push(set);
        // A sheet is typeset for each signature: two who sign leave the others room to work, and wait for nobody.
        let goes_home = if matches!(actor.staff.username.as_str(), "ha" | "nga") {
            if unsigned.len() >= ROUND {
                signs(&actor, std::mem::take(&mut unsigned), &mut door, &account).await;
            }
            door.is_last()
        } else {
            door.goes_home(usize::from(count)).await
        };
        if goes_home {
            return;
        }
    }
}

/// One PIN for the round. Cut off, she signs again what the chart does not show as signed. Then she takes each sheet.
async fn signs(actor: &Actor, sets: Vec<String>, door: &mut Door, account: &Account) {
    let body = json!({ "pin": actor.staff.pin, "setIds": sets });
    let path = format!("/wards/{}/round/sign", actor.ward());
    let answer = insists(actor, door, |nurse| nurse.posting(&path, &body, None)).await.ok();
    for failed in answer["failed"].as_array().unwrap() {
        assert_eq!(failed["code"], "already-signed", "{failed}");
    }
    for set in sets {
        account.signed(set);
    }
    let sheets = answer["charts"].as_array().unwrap();
    let sheets = sheets.iter().map(|sheet| (sheet["documentId"].as_str().unwrap(), sheet["version"].as_i64().unwrap()));
    for (document, version) in sheets.clone() {
        account.sheet(document, version);
    }
    for (document, version) in sheets {
        let path = format!("/documents/{document}/versions/{version}/pdf");
        let pdf = insists(actor, door, |nurse| nurse.request(Method::GET, &path)).await.bytes();
        account.copy(document, version, &pdf);
    }
}

/// Asks until the server answers.
async fn insists(actor: &Actor, door: &mut Door, asking: impl Fn(&Actor) -> RequestBuilder) -> Answer {
    loop {
        let (_, http, base) = door.open().await;
        match Actor::send(asking(&actor.at(http, base))).await {
            Ok(answer) => return answer,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
