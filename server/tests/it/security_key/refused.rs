//! Every answer that is not the key's own, to this question, here, now; and every way to register what is not one's own.

use super::{
    HOST, ORIGIN, answer, asked, by, caller, enter, made, named, nothing, question, refused, registered, site,
};
use crate::house::{House, PASSWORD};
use crate::security_key_pretended::{SecurityKey, base64url, client_data};
use benhan_domain::time::MINUTE;
use benhan_server::app::accounts::second_factor::{self, KeyAnswer, Shown};
use benhan_server::http::{Door, serve};
use serde_json::{Value, json};
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;

on_both! {
    an_answer_that_is_not_quite_it_is_refused_and_counted,
    an_answer_is_good_once_for_its_purpose_and_five_minutes,
    a_key_that_counts_back_is_told_on_the_trail,
    wrong_answers_shut_the_account_as_wrong_codes_do,
    a_key_is_registered_once_by_whom_it_was_offered_to,
}

fn signed(key: &SecurityKey, said: &[u8], page: Vec<u8>) -> KeyAnswer {
    let shown = key.signs(said.to_vec(), page);
    KeyAnswer {
        credential_id: key.credential_id.clone(),
        client_data: shown.client_data,
        authenticator_data: shown.authenticator_data,
        signature: shown.signature,
        user_handle: None,
    }
}

// Clauses: SEC-2
async fn an_answer_that_is_not_quite_it_is_refused_and_counted(house: House) {
    named(&house);
    let (mut key, mut other) = (SecurityKey::p256(), SecurityKey::p256());
    registered(&house, "bs", &key).await;
    let (nurse, _) = registered(&house, "dd", &other).await;
    let mut n = 0;
    for wrong in [
        "origin",
        "scheme",
        "ceremony",
        "challenge",
        "site",
        "untouched",
        "strange",
        "colleague",
        "borrowed",
        "handle",
        "signature",
        "cut",
        "framed",
        "nothing",
        "huge",
    ] {
        let challenge = question(&house, "bs").await.challenge;
        let mut honest = answer(&mut key, &challenge);
        let said = honest.authenticator_data.clone();
        let page = |kind, challenge: &str, origin| client_data(kind, challenge, origin);
        let (shown, code) = match wrong {
            "origin" => (
                signed(&key, &said, page("webauthn.get", &challenge, "https://benhan.lan.evil.com")),
                "bad-security-key",
            ),
            "scheme" => {
                (signed(&key, &said, page("webauthn.get", &challenge, "http://benhan.lan:8443")), "bad-security-key")
            }
            "ceremony" => (signed(&key, &said, page("webauthn.create", &challenge, ORIGIN)), "bad-security-key"),
            "challenge" => (signed(&key, &said, page("webauthn.get", &base64url(&[1; 32]), ORIGIN)), "old-answer"),
            "site" => (
                signed(&key, &key.introduced("evil.com")[..37], page("webauthn.get", &challenge, ORIGIN)),
                "bad-security-key",
            ),
            "untouched" => {
                let mut said = said;
                said[32] = 0;
                (signed(&key, &said, page("webauthn.get", &challenge, ORIGIN)), "bad-security-key")
            }
            "strange" => (answer(&mut SecurityKey::p256(), &challenge), "bad-security-key"),
            // A colleague's own key, and a colleague's key under the doctor's name.
            "colleague" => (answer(&mut other, &challenge), "bad-security-key"),
            "borrowed" => (
                KeyAnswer { credential_id: key.credential_id.clone(), ..answer(&mut other, &challenge) },
                "bad-security-key",
            ),
            "handle" => {
                honest.user_handle = Some(nurse.user.id.0.as_bytes().to_vec());
                (honest, "bad-security-key")
            }
            "signature" => {
                honest.signature[9] ^= 1;
                (honest, "bad-security-key")
            }
            "cut" => {
                honest.authenticator_data.pop();
                (honest, "bad-security-key")
            }
            "framed" => {
                let page = format!(
                    r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":true}}"#
                );
                (signed(&key, &said, page.into_bytes()), "bad-security-key")
            }
            "nothing" => {
                let empty = KeyAnswer { client_data: vec![], authenticator_data: vec![], signature: vec![], ..honest };
                (empty, "old-answer")
            }
            _ => {
                honest.client_data.extend(vec![b' '; 20 << 10]);
                (honest, "old-answer")
            }
        };
        let no = refused(enter(&house, "bs", by(shown)).await);
        assert_eq!(no.code, code, "{wrong}");
        n += 1;
        // Never five in a row: the count has a story of its own.
        let challenge = question(&house, "bs").await.challenge;
        enter(&house, "bs", by(answer(&mut key, &challenge))).await.expect(wrong);
    }
    assert_eq!(house.audited("login-failed", "second-factor").await, n);
}

// Clauses: SEC-2
async fn an_answer_is_good_once_for_its_purpose_and_five_minutes(house: House) {
    named(&house);
    let app = &house.app;
    let mut key = SecurityKey::p256();
    let (who, _) = registered(&house, "bs", &key).await;
    let honest = answer(&mut key, &question(&house, "bs").await.challenge);
    enter(&house, "bs", by(honest.clone())).await.expect("in");
    assert_eq!(refused(enter(&house, "bs", by(honest)).await).code, "old-answer", "again");

    // What was shown at the door changes nothing inside, and the other way round; nor in another session.
    let at_the_door = answer(&mut key, &question(&house, "bs").await.challenge);
    let no = refused(second_factor::offer_key(app, &who, PASSWORD.into(), by(at_the_door)).await);
    assert_eq!(no.code, "old-answer");
    let inside = refused(second_factor::offer_key(app, &who, PASSWORD.into(), nothing()).await);
    let inside = inside.asked.expect("asked").security_key.expect("a question").challenge;
    assert_eq!(refused(enter(&house, "bs", by(answer(&mut key, &inside))).await).code, "old-answer");

    let in_time = answer(&mut key, &question(&house, "bs").await.challenge);
    house.later(4 * MINUTE);
    enter(&house, "bs", by(in_time)).await.expect("in");
    let late = answer(&mut key, &question(&house, "bs").await.challenge);
    house.later(5 * MINUTE);
    assert_eq!(refused(enter(&house, "bs", by(late)).await).code, "old-answer");

    // Two who bring one answer at once are one login.
    let honest = answer(&mut key, &question(&house, "bs").await.challenge);
    let (one, two) = tokio::join!(enter(&house, "bs", by(honest.clone())), enter(&house, "bs", by(honest)));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert!(asked(&house, "bs").await.security_key.is_some());
}

// Clauses: SEC-2
async fn a_key_that_counts_back_is_told_on_the_trail(house: House) {
    named(&house);
    let mut key = SecurityKey::ed25519();
    let (_, codes) = registered(&house, "bs", &key).await;
    key.counter = 40;
    let mut copy = answer(&mut key, &question(&house, "bs").await.challenge);
    enter(&house, "bs", by(copy.clone())).await.expect("in: 41");
    for counter in [40, 11] {
        key.counter = counter;
        copy = answer(&mut key, &question(&house, "bs").await.challenge);
        let no = refused(enter(&house, "bs", by(copy.clone())).await);
        assert_eq!(no.code, "cloned-security-key", "{counter}");
        assert!(no.detail.contains("sao chép"), "{}", no.detail);
    }
    let trail = house.app.db.read::<_, benhan_server::app::AppError, _>(|conn| {
        Ok(benhan_store::audit::latest(conn, &benhan_store::audit::Wanted::default(), 100)?)
    });
    let trail = trail.await.expect("the trail");
    assert_eq!(trail.iter().filter(|row| row.body.to_string().contains("\"why\":\"cloned-key\"")).count(), 2);
    // Two answers that the same key gave side by side: the later one still counts on.
    key.counter = 41;
    let (first, second) = (question(&house, "bs").await.challenge, question(&house, "bs").await.challenge);
    let (first, second) = (answer(&mut key, &first), answer(&mut key, &second));
    enter(&house, "bs", by(second)).await.expect("in: 43");
    assert_eq!(refused(enter(&house, "bs", by(first)).await).code, "cloned-security-key", "42 after 43");
    enter(&house, "bs", Some(codes[0].clone())).await.expect("in, by another way");
}

// Clauses: SEC-2, SEC-3
async fn wrong_answers_shut_the_account_as_wrong_codes_do(house: House) {
    named(&house);
    let mut key = SecurityKey::p256();
    let (_, codes) = registered(&house, "bs", &key).await;
    for n in 0..5 {
        let strange = answer(&mut SecurityKey::p256(), &question(&house, "bs").await.challenge);
        let shown = if n == 2 { Some("ABCDE-FGHJK".to_owned()).into() } else { by(strange) };
        assert!(["bad-security-key", "bad-code"].contains(&refused(enter(&house, "bs", shown).await).code));
    }
    let no = refused(enter(&house, "bs", nothing()).await);
    assert_eq!((no.code, no.asked), ("account-locked", None), "nothing is asked any more");
    assert_eq!(refused(enter(&house, "bs", Some(codes[0].clone())).await).code, "account-locked");
    house.later(15 * MINUTE);
    let challenge = question(&house, "bs").await.challenge;
    enter(&house, "bs", by(answer(&mut key, &challenge))).await.expect("in, after the wait");
}

// Clauses: SEC-2
async fn a_key_is_registered_once_by_whom_it_was_offered_to(house: House) {
    named(&house);
    let app = &house.app;
    let key = SecurityKey::p256();
    registered(&house, "bs", &key).await;
    let nurse = caller(&house, &enter(&house, "dd", None).await.expect("in")).await;
    let offered = async || second_factor::offer_key(app, &nurse, PASSWORD.into(), nothing()).await.expect("an offer");
    let known = second_factor::add_key(app, &nurse, made(&key, &offered().await, "Khóa của bác sĩ")).await;
    assert_eq!(refused(known).code, "known-security-key");

    let hers = SecurityKey::p256();
    let offer = offered().await;
    let colleague = caller(&house, &enter(&house, "dd2", None).await.expect("in")).await;
    let other_session = caller(&house, &enter(&house, "dd", None).await.expect("in")).await;
    for thief in [&colleague, &other_session] {
        let stolen = second_factor::add_key(app, thief, made(&hers, &offered().await, "Khóa")).await;
        assert_eq!(refused(stolen).code, "stale-offer");
    }
    for (host, origin) in [("evil.com", ORIGIN), (HOST, "https://evil.com")] {
        let offer = offered().await;
        let forged = hers.creates(host, origin, &offer.challenge);
        let new = second_factor::NewKey {
            name: "Khóa".into(),
            client_data: forged.client_data,
            attestation: forged.attestation,
            transports: vec![],
        };
        assert_eq!(refused(second_factor::add_key(app, &nurse, new).await).code, "unfit-security-key");
    }
    let mut cut = made(&hers, &offered().await, "Khóa");
    cut.attestation.truncate(90);
    assert_eq!(refused(second_factor::add_key(app, &nurse, cut).await).code, "unfit-security-key");
    house.later(5 * MINUTE);
    assert_eq!(
        refused(second_factor::add_key(app, &nurse, made(&hers, &offer, "Khóa")).await).code,
        "stale-offer",
        "late"
    );
    second_factor::add_key(app, &nurse, made(&hers, &offered().await, "Khóa")).await.expect("registered");
    assert_eq!(second_factor::own(app, &nurse, Some(&site())).await.expect("a read").keys.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_web_a_browser_is_told_what_to_ask_and_what_is_malformed_is_refused() {
    let house = House::open().await;
    named(&house);
    let mut key = SecurityKey::p256();
    registered(&house, "bs", &key).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let base = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
    let stop = CancellationToken::new();
    tokio::spawn(serve(house.app.clone(), Door { listener, tls: None, data_dir: None }, stop.clone()));
    let client = reqwest::Client::new();
    let post = async |host: &str, body: Value| {
        let answer = client.post(format!("{base}/auth/login")).header("Host", host).json(&body).send().await;
        let answer = answer.expect("an answer");
        let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().expect("text").to_owned());
        (answer.status().as_u16(), cookie, answer.json::<Value>().await.expect("JSON"))
    };
    let login = |more: Value| {
        let mut body = json!({ "username": "bs", "password": PASSWORD });
        body.as_object_mut().expect("a body").extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let (status, _, no) = post("benhan.lan:8443", login(json!({}))).await;
    assert_eq!((status, &no["code"]), (401, &json!("second-factor")));
    let asked = &no["secondFactor"]["securityKey"];
    assert_eq!((&asked["host"], &asked["keys"][0]["id"]), (&json!(HOST), &json!(base64url(&key.credential_id))));
    for host in ["127.0.0.1:8443", "benhan.lan", "evil.com"] {
        let (_, _, no) = post(host, login(json!({}))).await;
        assert_eq!(no["secondFactor"], json!({ "code": false, "securityKey": null, "elsewhere": [HOST] }), "{host}");
    }

    let told = |shown: &KeyAnswer| {
        json!({
            "credentialId": base64url(&shown.credential_id), "clientData": base64url(&shown.client_data),
            "authenticatorData": base64url(&shown.authenticator_data), "signature": base64url(&shown.signature),
        })
    };
    let challenge = asked["challenge"].as_str().expect("a challenge").to_owned();
    let honest = told(&answer(&mut key, &challenge));
    let mut surplus = honest.clone();
    surplus["surplus"] = json!(1);
    let with = |field: &str, value: Value| {
        let mut bad = honest.clone();
        bad[field] = value;
        bad
    };
    for (bad, status) in [
        (surplus, 400),
        (json!({}), 400),
        (with("signature", json!("not base64url!")), 422),
        (with("signature", json!("A".repeat(2_000))), 422),
        (with("clientData", json!("A".repeat(100_000))), 422),
        (with("credentialId", json!("A".repeat(1_400))), 422),
        (with("userHandle", json!("A".repeat(200))), 422),
        (with("signature", json!("AAAA")), 401),
    ] {
        assert_eq!(post("benhan.lan:8443", login(json!({ "securityKey": bad }))).await.0, status, "{bad}");
    }
    // The last one used the question up.
    let (_, _, no) = post("benhan.lan:8443", login(json!({}))).await;
    let challenge = no["secondFactor"]["securityKey"]["challenge"].as_str().expect("a challenge").to_owned();
    let honest = told(&answer(&mut key, &challenge));
    let (status, cookie, session) = post("benhan.lan:8443", login(json!({ "securityKey": honest }))).await;
    assert_eq!(status, 200, "{session}");
    let cookie = cookie.expect("a session").split(';').next().expect("a value").to_owned();
    let own =
        client.get(format!("{base}/auth/second-factor")).header("Cookie", &cookie).header("Host", "benhan.lan:8443");
    let own: Value = own.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!((&own["here"], &own["keys"][0]["name"]), (&json!(HOST), &json!("Khóa USB")));

    // Inside, a refusal does not end the session.
    let csrf = session["csrf"].as_str().expect("a token").to_owned();
    let inside = client.post(format!("{base}/auth/security-keys/offer")).header("Host", "benhan.lan:8443");
    let inside = inside.header("Cookie", &cookie).header("X-CSRF-Token", &csrf).json(&json!({ "password": PASSWORD }));
    let inside = inside.send().await.expect("an answer");
    assert_eq!(inside.status().as_u16(), 403);
    let no: Value = inside.json().await.expect("JSON");
    assert_eq!(no["secondFactor"]["securityKey"]["keys"].as_array().map(Vec::len), Some(1));
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_has_more_keys_than_a_drawer_holds() {
    let house = House::open().await;
    named(&house);
    let app = &house.app;
    let mut key = SecurityKey::p256();
    let (who, _) = registered(&house, "bs", &key).await;
    let proof = async |key: &mut SecurityKey| {
        let no = refused(second_factor::offer_key(app, &who, PASSWORD.into(), nothing()).await);
        let asked = no.asked.expect("asked").security_key.expect("a question");
        let shown: Shown = by(answer(key, &asked.challenge));
        second_factor::offer_key(app, &who, PASSWORD.into(), shown).await
    };
    for n in 1..10 {
        let offer = proof(&mut key).await.expect("an offer");
        second_factor::add_key(app, &who, made(&SecurityKey::p256(), &offer, &format!("Khóa {n}")))
            .await
            .expect("registered");
    }
    assert_eq!(refused(proof(&mut key).await).code, "too-many-security-keys");
}
