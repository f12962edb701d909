//! What waits for a person is told, and what they chose is carried out once.

use crate::server::{FakeServer, Mood, TOKEN};
use benhan_contract::{AttentionChoice, AttentionItem, EdgeKind};
use benhan_uplink::{Client, Keeper, OpenItems, Reporter, Surroundings, UplinkConfig};
use std::sync::{Arc, Mutex};
use tokio_util::sync::CancellationToken;

/// A drawer of things: what was seen leaves it.
#[derive(Clone, Default)]
struct Drawer {
    open: Arc<Mutex<OpenItems>>,
    performed: Arc<Mutex<Vec<(String, AttentionChoice)>>>,
    jams: Arc<Mutex<bool>>,
}

impl Drawer {
    fn lays(&self, key: &str) {
        let item = AttentionItem {
            key: key.to_owned(),
            kind: "message-refused".to_owned(),
            at: 1,
            since: 2,
            times: 1,
            sender: "mllp".to_owned(),
            address: "10.0.9.1".to_owned(),
            about: "7".to_owned(),
            reason: "not like this".to_owned(),
            again: true,
        };
        let mut open = self.open.lock().unwrap();
        open.items.push(item);
        open.total += 1;
    }

    fn performed(&self) -> usize {
        self.performed.lock().unwrap().len()
    }

    fn reports_to(&self, server: &FakeServer, name: &str) -> CancellationToken {
        let mut config = UplinkConfig::new(server.url(), TOKEN);
        config.retry_first_ms = 1;
        config.name = name.to_owned();
        let client = Client::new(&config).unwrap();
        let reporter = Reporter::new(self.clone(), client, EdgeKind::Gateway, &config, Surroundings::system());
        let shutdown = CancellationToken::new();
        tokio::spawn(reporter.run(shutdown.clone()));
        shutdown
    }
}

impl Keeper for Drawer {
    async fn open_items(&self) -> Result<OpenItems, String> {
        Ok(self.open.lock().unwrap().clone())
    }

    async fn perform(&self, key: &str, choice: AttentionChoice) -> Result<(), String> {
        if *self.jams.lock().unwrap() {
            return Err("the drawer jams".to_owned());
        }
        let mut open = self.open.lock().unwrap();
        open.items.retain(|item| item.key != key);
        open.total = i64::try_from(open.items.len()).unwrap();
        self.performed.lock().unwrap().push((key.to_owned(), choice));
        Ok(())
    }
}

#[tokio::test]
async fn a_choice_is_carried_out_once_although_every_answer_may_be_lost() {
    let server = FakeServer::start().await;
    let drawer = Drawer::default();
    drawer.lays("message:1");
    let shutdown = drawer.reports_to(&server, "ward 3");
    server.until("the list is told", |server| server.open_items().len() == 1).await;
    let first = server.attention()[0].clone();
    assert_eq!((&first["edge"]["kind"], &first["edge"]["name"]), (&"gateway".into(), &"ward 3".into()));
    assert_eq!((&first["total"], &first["items"][0]["key"]), (&1.into(), &"message:1".into()));

    server.is(Mood::LosesAnswers);
    server.chooses(7, "message:1", "again");
    let told = server.attention().len();
    server.until("it asks on", |server| server.attention().len() > told + 1).await;
    assert_eq!(drawer.performed(), 0, "an answer that is lost tells nobody anything");
    server.is(Mood::Up);
    server.until("the choice is reported as done", |server| server.choices() == 0).await;
    server.until("and the item has left", |server| server.open_items().is_empty()).await;
    assert_eq!(*drawer.performed.lock().unwrap(), [("message:1".to_owned(), AttentionChoice::Again)]);
    shutdown.cancel();
}

#[tokio::test]
async fn what_could_not_be_carried_out_is_asked_again_and_is_not_called_done() {
    let server = FakeServer::start().await;
    let drawer = Drawer::default();
    drawer.lays("message:1");
    *drawer.jams.lock().unwrap() = true;
    server.chooses(7, "message:1", "seen");
    let shutdown = drawer.reports_to(&server, "");
    server.until("it is asked twice", |server| server.attention().len() > 1).await;
    assert_eq!(server.choices(), 1);
    *drawer.jams.lock().unwrap() = false;
    server.until("now it is done", |server| server.choices() == 0).await;
    assert_eq!(drawer.performed(), 1);
    shutdown.cancel();
}

#[tokio::test]
async fn a_choice_about_what_is_gone_is_let_go() {
    let server = FakeServer::start().await;
    let drawer = Drawer::default();
    server.chooses(7, "message:nobody", "again");
    let shutdown = drawer.reports_to(&server, "");
    server.until("it is forgotten", |server| server.choices() == 0).await;
    shutdown.cancel();
}
