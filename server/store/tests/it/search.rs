//! A patient is found however the name is typed, and only by all the words.

use crate::house::{House, hospital, register, who};
use benhan_domain::access::system_search;
use benhan_store::{Db, StoreError, patients};

stories! { a_name_is_found_without_its_marks }

async fn found(db: &Db, query: &'static str) -> Vec<String> {
    let found = db.read(move |conn| patients::search(conn, &system_search(), query, 20)).await.expect("a search");
    let mut names: Vec<_> = found.into_iter().map(|p| p.who.name).collect();
    names.sort();
    names
}

async fn a_name_is_found_without_its_marks(house: House) {
    let db = house.open();
    let hospital = hospital(&db).await;
    let names = ["Đặng Văn Đức", "Nguyễn Hữu Phước", "Nguyễn Thị Huệ", "Trần Đình Dương"];
    let write = db.write(move |tx| {
        for (at, name) in names.into_iter().enumerate() {
            let mut person = who(name);
            person.national_id = Some(format!("0791700012{at:02}"));
            register(tx, &hospital, &format!("26.000{at}"), &person)?;
        }
        Ok::<_, StoreError>(())
    });
    write.await.expect("four patients");
    assert_eq!(found(&db, "dang van d").await, ["Đặng Văn Đức"]);
    assert_eq!(found(&db, "nguyen hu").await, ["Nguyễn Hữu Phước", "Nguyễn Thị Huệ"]);
    assert_eq!(found(&db, "NGUYỄN hữu").await, ["Nguyễn Hữu Phước"]);
    assert_eq!(found(&db, "duc dang").await, ["Đặng Văn Đức"], "in any order");
    assert_eq!(found(&db, "tdd").await, ["Trần Đình Dương"], "by its initials");
    assert_eq!(found(&db, "079170001202").await, ["Nguyễn Thị Huệ"], "by a number");
    assert_eq!(found(&db, "26.0003").await, ["Trần Đình Dương"], "by the code");
    assert_eq!(found(&db, "dang thi").await, Vec::<String>::new(), "every word must hold");
    assert_eq!(found(&db, "%").await, Vec::<String>::new(), "no word is a wildcard");
    assert_eq!(found(&db, "  ").await, Vec::<String>::new());
}
