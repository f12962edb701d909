//! What a command that was killed left at work in the database is ended before the next one begins.

use crate::house::{House, sql};
use benhan_store::{Engine, StoreError, dialect};
use std::time::Duration;

stories! { a_session_of_that_name_is_ended_with_what_it_had_not_committed }

async fn a_session_of_that_name_is_ended_with_what_it_had_not_committed(house: House) {
    let db = house.open();
    let mut left = house.client();
    let on_postgres = matches!(left.db(), Engine::Pg(_));
    if on_postgres {
        sql(&mut left, "SET application_name = 'benhan restore'").expect("named");
        sql(&mut left, "BEGIN").expect("begun");
        sql(&mut left, "CREATE TABLE half_restored (id TEXT)").expect("half of it");
    }
    let end = |conn: &mut _| dialect::end_others(conn, "benhan restore", Duration::from_secs(30));
    assert!(db.read::<_, StoreError, _>(end).await.expect("asked"));
    if on_postgres {
        sql(&mut left, "SELECT 1").expect_err("it is over");
        sql(&mut house.client(), "CREATE TABLE half_restored (id TEXT)").expect("and nothing is left of it");
    }
    assert!(db.read::<_, StoreError, _>(end).await.expect("asked"), "and there is nobody to wait for");
}
