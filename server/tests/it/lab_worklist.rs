//! The laboratory worklist that the gateway pulls: what is open is on it, and nothing else of anybody.

use crate::house::{House, MORNING, analyzed, group, reading};
use benhan_contract::{LabSpecimen, LabWorklist};
use benhan_domain::id::EncounterId;
use benhan_server::app::orders;
use benhan_server::app::results::{self, ToRelease};
use benhan_server::http::{Door, serve};
use benhan_server::view_orders::Order;
use std::net::TcpListener;
use tokio_util::sync::CancellationToken;

on_both!(an_open_order_is_on_the_list_until_it_has_its_result_or_is_cancelled);

async fn ordered(house: &House, stay: EncounterId, items: &[&str]) -> Vec<Order> {
    let items = items.iter().map(|i| (*i).to_owned()).collect();
    orders::place(&house.app, &house.doctor, stay, items, None).await.expect("placed")
}

async fn list(house: &House) -> LabWorklist {
    orders::lab_worklist(&house.app).await.expect("a list")
}

fn tube(list: &LabWorklist, barcode: &str) -> Option<LabSpecimen> {
    list.specimens.iter().find(|one| one.barcode == barcode).cloned()
}

async fn release_all(house: &House) {
    let waiting = results::unreleased(&house.app, &house.technician).await.expect("a list");
    let wanted =
        waiting.iter().map(|r| ToRelease { id: r.id.parse().expect("an id"), seen: Some(r.version) }).collect();
    results::release(&house.app, &house.technician, wanted).await.expect("released");
}

async fn an_open_order_is_on_the_list_until_it_has_its_result_or_is_cancelled(house: House) {
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    let placed = ordered(&house, stay, &["DIENGIAI", "GLU", "TPTNT", "CTSN"]).await;
    let barcode = |at: usize| placed[at].barcode.clone().expect("a barcode");
    let (blood, urine) = (barcode(0), barcode(2));

    let open = list(&house).await;
    assert_eq!(open.specimens.len(), 2, "two tubes; images are not the laboratory's");
    let mut found = tube(&open, &blood).expect("ordered is open");
    found.items.sort();
    assert_eq!(found.items, ["DIENGIAI", "GLU"], "blood is drawn once");
    assert_eq!((found.specimen_type.as_str(), found.collected_at), ("Máu", None));
    let who = &found.patient;
    assert_eq!((who.id.as_str(), who.name.as_str()), ("26.0001", "Nguyễn Văn An"));
    assert_eq!((who.birth_date.as_str(), who.sex.as_str()), ("19700312", "M"));
    assert!(!who.ward.is_empty());
    let item = open.items.iter().find(|item| item.code == "DIENGIAI").expect("what it means");
    let mut tests: Vec<_> = item.tests.iter().map(|test| (test.code.as_str(), test.loinc.as_str())).collect();
    tests.sort_unstable();
    assert_eq!(tests, [("K", "2823-3"), ("NA", "2951-2")]);
    assert!(open.items.iter().all(|item| item.code != "CTSN"));

    let id = placed[0].id.parse().expect("an id");
    orders::collect(&house.app, &house.nurse, id).await.expect("taken");
    assert!(tube(&list(&house).await, &blood).expect("taken is open").collected_at.is_some());

    orders::cancel(&house.app, &house.doctor, placed[2].id.parse().expect("an id"), "nhầm".into()).await.expect("gone");
    assert!(tube(&list(&house).await, &urine).is_none(), "cancelled");

    house.arrives(analyzed(vec![group(&blood, &[reading("K", "4.1"), reading("NA", "140")])])).await;
    let unseen = tube(&list(&house).await, &blood).expect("nobody has looked yet");
    assert_eq!(unseen.items.len(), 2, "a value that may be measured again");
    release_all(&house).await;
    let half = tube(&list(&house).await, &blood).expect("glucose is still owed");
    assert_eq!(half.items, ["GLU"], "a released result closes its order");
    house.arrives(analyzed(vec![group(&blood, &[reading("GLUC", "5.0")])])).await;
    release_all(&house).await;
    assert_eq!(list(&house).await, LabWorklist::default(), "and nobody is on the list who waits for nothing");
}

#[tokio::test]
async fn the_tube_of_who_went_home_is_still_on_the_list_for_a_month() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    ordered(&house, stay, &["GLU"]).await;
    house.goes_home(stay, house.wards[0], MORNING + 1).await;
    assert_eq!(list(&house).await.specimens.len(), 1);
    house.later(31 * 86_400 * 1_000_000);
    assert_eq!(list(&house).await, LabWorklist::default());
}

#[tokio::test]
async fn who_shows_no_token_or_a_wrong_one_sees_nobody() {
    let house = House::open().await;
    let stay = house.admitted("26.0001", "Nguyễn Văn An", house.wards[0]).await;
    ordered(&house, stay, &["GLU"]).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let url = format!("http://{}/ingest/lab-worklist", listener.local_addr().expect("an address"));
    let door = Door { listener, tls: None, data_dir: None };
    tokio::spawn(serve(house.app.clone(), door, CancellationToken::new()));
    let client = reqwest::Client::new();
    assert_eq!(client.get(&url).send().await.expect("an answer").status(), 401);
    assert_eq!(client.get(&url).bearer_auth("guess").send().await.expect("an answer").status(), 401);
    let shown = client.get(&url).bearer_auth("ingest").send().await.expect("an answer");
    assert_eq!(shown.status(), 200);
    let shown: LabWorklist = shown.json().await.expect("a list");
    assert_eq!(shown.specimens[0].patient.id, "26.0001");
}
