//! A short way to the same answer: what is handed back or read alone is what the long way would have found.

use crate::house::{House, admitted, hospital, permit};
use benhan_domain::access::{ChartVitals, Place, ViewChart};
use benhan_domain::id::ObservationSetId;
use benhan_domain::observation::Status;
use benhan_domain::record::RecordState;
use benhan_store::observations::{self, NewSet, NewVersion};
use benhan_store::{StoreError, encounters};

stories! { a_written_version_is_handed_back_as_it_is_read, a_stay_read_alone_is_the_stay_read_in_a_list }

fn pulse(value: f64, author: benhan_domain::id::UserId, at: i64) -> NewVersion {
    NewVersion {
        status: Status::Final,
        effective_at: at,
        author: Some(author),
        reason_code: None,
        reason: Some("gõ nhầm".into()),
        body: format!("{{\"pulse\":{value}}}"),
    }
}

async fn a_written_version_is_handed_back_as_it_is_read(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Phạm Văn Dũng", hospital.wards[0]).await;
    let place = Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active };
    let nurse = hospital.nurse.clone();
    let written = db.write(move |tx| {
        let (chart, view) = (permit::<ChartVitals>(&nurse, place), permit::<ViewChart>(&nurse, place));
        let set: ObservationSetId = tx.fresh();
        let head = NewSet { set, encounter: stay, device: None, inbox: None, slot_key: None };
        let first = observations::open(tx, &chart, &head, &pulse(72.0, nurse.user, tx.now().0))?;
        let read = observations::current(tx.conn(), &view, set)?.expect("there");
        assert_eq!(format!("{first:?}"), format!("{read:?}"));
        let second = observations::amend(tx, &chart, &first, &pulse(75.0, nurse.user, tx.now().0))?.expect("first");
        let read = observations::current(tx.conn(), &view, set)?.expect("there");
        assert_eq!(format!("{second:?}"), format!("{read:?}"));
        assert!(observations::amend(tx, &chart, &first, &pulse(80.0, nurse.user, 0))?.is_none(), "somebody was first");
        Ok::<_, StoreError>(())
    });
    written.await.expect("written");
}

async fn a_stay_read_alone_is_the_stay_read_in_a_list(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let stay = admitted(&db, &hospital, "26.0001", "Phạm Văn Dũng", hospital.wards[0]).await;
    let view = permit::<ViewChart>(
        &hospital.nurse,
        Place::Encounter { encounter: stay, ward: hospital.wards[0], record: RecordState::Active },
    );
    let read = db.read(move |conn| {
        let alone = encounters::read(conn, &view, stay)?;
        let listed = encounters::of_ids(conn, &view, &[stay])?.pop();
        Ok::<_, StoreError>((alone, listed))
    });
    let (alone, listed) = read.await.expect("a read");
    assert!(alone.is_some());
    assert_eq!(format!("{alone:?}"), format!("{listed:?}"));
}
