//! A house with a certification authority of its own, and staff whose certificates it issued.

use crate::house::{House, MORNING, PASSWORD};
use benhan_domain::access::Role;
use benhan_domain::certificate::KeyPlace;
use benhan_domain::id::WardId;
use benhan_server::app::accounts::{self, Caller, hash_secret};
use benhan_server::trust::{Clock, Trust};
use benhan_sign::{Authority, Certificate, KeyKind, ServerKey, SigningKey, Subject, WrappedKey};
use benhan_store::StoreError;
use benhan_store::certificates::{self, NewCertificate};
use benhan_store::users::{self, NewUser};
use std::sync::Arc;

pub const PIN: &str = "246810";

/// The house with its own signing CA.
pub async fn certified() -> (House, Authority) {
    let mut house = House::open().await;
    let authority = certify(&mut house);
    (house, authority)
}

/// Gives a house its own signing CA and clock.
pub fn certify(house: &mut House) -> Authority {
    let mut authority = Authority::create("Bệnh viện Thử", KeyKind::P256, MORNING).expect("a CA");
    let lists = authority.crls(MORNING).expect("lists");
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_time_stamper("Bệnh viện Thử", &key, MORNING, 365).expect("a certificate");
    let trust = Trust::new(vec![authority.root().clone()], vec![authority.issuing().clone()], lists);
    house.app.trust = Arc::new(trust.with_clock(Some(Clock { key, certificate })));
    authority
}

/// A nurse of that ward with a PIN and a certificate.
pub async fn nurse(house: &House, authority: &Authority, username: &'static str, ward: WardId) -> Caller {
    let name = format!("Điều dưỡng {username}");
    signer(house, authority, (username, Role::Nurse, name), vec![ward]).await
}

/// Somebody with a PIN and a certificate.
pub async fn signer(
    house: &House,
    authority: &Authority,
    (username, role, name): (&'static str, Role, String),
    wards: Vec<WardId>,
) -> Caller {
    let key = SigningKey::generate(KeyKind::P256).expect("a key");
    let certificate = authority.issue_person(&Subject::named(username), &key, MORNING, 365).expect("a certificate");
    holder(house, (key, certificate), (username, role, name), wards).await
}

/// Somebody with a PIN and this very certificate.
pub async fn holder(
    house: &House,
    (key, certificate): (SigningKey, Certificate),
    (username, role, name): (&'static str, Role, String),
    wards: Vec<WardId>,
) -> Caller {
    let pepper = house.app.secrets.server_key;
    let wrapped = WrappedKey::wrap(&key, PIN, &ServerKey::from_bytes(pepper)).expect("wrapped");
    let wrapped = serde_json::to_string(&wrapped).expect("JSON");
    let new = NewUser {
        username: username.into(),
        name,
        role,
        password_hash: hash_secret(&pepper, PASSWORD).expect("a hash"),
        pin_hash: Some(hash_secret(&pepper, PIN).expect("a hash")),
        must_change_password: false,
        wards,
    };
    let added = house.app.db.write(move |tx| {
        let user = users::add(tx, &new)?;
        let row = NewCertificate {
            user: Some(user),
            department: None,
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            serial: certificate.serial(),
            not_before: certificate.valid_from(),
            not_after: certificate.valid_until(),
            der: certificate.der().to_vec(),
            wrapped_key: Some(wrapped),
            key: KeyPlace::Software,
        };
        certificates::add(tx, row)?;
        Ok::<_, StoreError>(user)
    });
    accounts::acting(&house.app, added.await.expect("a colleague")).await.expect("at work")
}
