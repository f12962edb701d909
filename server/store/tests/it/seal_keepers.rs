//! Who was named to put a department's seal stays written, whoever has the database; and which rules are in force.

use crate::house::{House, hospital, permit, sql};
use benhan_domain::access::{Actor, NameSealKeeper, Place, Role};
use benhan_domain::house_decision::DecisionKind;
use benhan_domain::time::Instant;
use benhan_store::{Engine, StoreError, house_decisions, places, seal_keepers};

stories! { who_puts_a_seal_is_said_once_and_ends_once, the_rules_in_force_are_those_that_took_effect_last }

// Clauses: SIG-8
async fn who_puts_a_seal_is_said_once_and_ends_once(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let (user, by) = (hospital.nurse.user, hospital.doctor.user);
    let director = Actor { role: Role::Director, wards: vec![], ..hospital.doctor.clone() };
    let second = director.clone();
    let named = db.write::<_, StoreError, _>(move |tx| {
        let may = permit::<NameSealKeeper>(&director, Place::Facility);
        let of = places::all_departments(tx.conn())?.pop().expect("a department").id;
        assert!(!seal_keepers::end(tx, &may, of, (user, by), "Chưa có")?);
        seal_keepers::name(tx, &may, of, (user, by))?;
        assert_eq!(seal_keepers::of_user(tx.conn(), user)?, [of]);
        Ok(of)
    });
    let of = named.await.expect("named");
    let twice = db.write::<_, StoreError, _>(move |tx| {
        seal_keepers::name(tx, &permit::<NameSealKeeper>(&second, Place::Facility), of, (user, by))
    });
    assert!(twice.await.expect_err("once at a time").is_taken("seal_keeper"));
    let mut client = house.client();
    for statement in ["UPDATE seal_keeper SET user_id = given_by", "DELETE FROM seal_keeper"] {
        let error = sql(&mut client, statement).expect_err(statement).to_string();
        assert!(error.contains("append-only: seal_keeper"), "{statement}: {error}");
    }
    sql(&mut client, "UPDATE seal_keeper SET ended_at = 3, ended_by = given_by").expect("ended once");
    sql(&mut client, "UPDATE seal_keeper SET end_reason = 'khác'").expect_err("and for good");
    if let Engine::Pg(_) = client.db() {
        sql(&mut client, "TRUNCATE seal_keeper CASCADE").expect_err("kept");
    }
    let left = db.read::<_, StoreError, _>(move |conn| seal_keepers::of_user(conn, user)).await.expect("a read");
    assert!(left.is_empty());
}

// Clauses: C46-13.3a
async fn the_rules_in_force_are_those_that_took_effect_last(house: House) {
    let db = house.open();
    let by = hospital(&db).await.doctor.user;
    let entered = db.write::<_, StoreError, _>(move |tx| {
        let mut enter = |kind, decision, from| house_decisions::enter(tx, by, (kind, decision, Instant(from)));
        enter(DecisionKind::SigningRules, "Hai", 200)?;
        let first = enter(DecisionKind::SigningRules, "Một", 100)?;
        enter(DecisionKind::Paperless, "Khác", 250)?;
        Ok(first)
    });
    let first = entered.await.expect("entered");
    let at = |now| {
        db.read::<_, StoreError, _>(move |conn| {
            house_decisions::in_force(conn, DecisionKind::SigningRules, Instant(now))
        })
    };
    let named = async |now| at(now).await.expect("a read").map(|of| of.decision);
    assert_eq!(named(99).await, None);
    assert_eq!(named(100).await.as_deref(), Some("Một"));
    assert_eq!(named(300).await.as_deref(), Some("Hai"), "whichever was entered first");
    db.write::<_, StoreError, _>(move |tx| {
        house_decisions::withdraw(tx, first, by, "Hết hiệu lực")?;
        Ok(())
    })
    .await
    .expect("withdrawn");
    assert_eq!(named(i64::MAX).await.as_deref(), Some("Hai"));
}
