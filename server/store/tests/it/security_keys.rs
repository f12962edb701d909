//! A security key is what it was registered as, belongs to one person, and its counter only grows.

use crate::house::{House, count, hospital, sql};
use benhan_domain::id::UserId;
use benhan_store::security_keys::{self, NewSecurityKey};
use benhan_store::{StoreError, Tx, second_factors};

stories! { a_key_belongs_to_one_person_and_counts_on, what_a_key_is_never_changes }

fn new(credential: u8) -> NewSecurityKey {
    NewSecurityKey {
        host: "benhan.lan".into(),
        credential_id: vec![credential; 20],
        public_key: vec![1, 2, 3],
        counter: 5,
        transports: vec!["nfc".into(), "usb".into()],
        name: "Khóa USB xanh".into(),
    }
}

fn registered(
    tx: &mut Tx<'_>,
    user: UserId,
    new: &NewSecurityKey,
) -> Result<Option<benhan_domain::id::SecurityKeyId>, StoreError> {
    second_factors::make_room(tx, user)?;
    security_keys::add(tx, user, new)
}

async fn a_key_belongs_to_one_person_and_counts_on(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let (nurse, doctor) = (hospital.nurse.user, hospital.doctor.user);
    let key = db.write(move |tx| registered(tx, nurse, &new(1))).await.expect("a write").expect("registered");
    let stolen = db.write(move |tx| registered(tx, doctor, &new(1))).await;
    assert_eq!(stolen.expect("an answer"), None, "a credential is one person's");
    let of = db.read::<_, StoreError, _>(move |conn| {
        Ok((second_factors::of(conn, nurse)?, second_factors::stands(conn, nurse)?, second_factors::of(conn, doctor)?))
    });
    let (hers, stands, his) = of.await.expect("a read");
    let kept = &hers.expect("a factor").keys[0];
    assert_eq!((kept.id, kept.counter, kept.transports.join(" ").as_str()), (key, 5, "nfc usb"));
    assert_eq!((kept.last_used_at, stands, his), (None, true, None));

    for (user, counter, taken) in
        [(nurse, 5, false), (nurse, 6, true), (nurse, 6, false), (doctor, 9, false), (nurse, 0, false)]
    {
        let use_of = db.write(move |tx| security_keys::take_use(tx, user, key, counter)).await;
        assert_eq!(use_of.expect("an answer"), taken, "{counter}");
    }
    let not_his = db.write(move |tx| security_keys::remove(tx, doctor, key)).await;
    assert!(!not_his.expect("an answer"));
    let gone = db.write(move |tx| second_factors::remove(tx, nurse)).await;
    assert!(gone.expect("an answer"), "a reset takes keys too");
    let left = db.read::<_, StoreError, _>(move |conn| security_keys::any(conn, nurse)).await;
    assert!(!left.expect("a read"));
}

async fn what_a_key_is_never_changes(house: House) {
    let db = house.open();
    let nurse = hospital(&db).await.nurse.user;
    db.write(move |tx| registered(tx, nurse, &new(1))).await.expect("a write").expect("registered");
    let mut conn = house.client();
    for change in ["public_key = credential_id", "name = 'khác'", "host = 'evil.com'", "counter = counter - 1"] {
        let error = sql(&mut conn, &format!("UPDATE security_key SET {change}")).expect_err(change).to_string();
        assert!(error.contains("append-only: security_key"), "{change}: {error}");
    }
    sql(&mut conn, "UPDATE security_key SET counter = counter + 1, last_used_at = 1").expect("a use");
    assert_eq!(count(&mut conn, "SELECT count(*) AS n FROM security_key WHERE counter = 6"), 1);
}
