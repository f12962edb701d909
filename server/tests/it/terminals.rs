//! A terminal's event stream ends with its session, however much there is to tell; and its search leaves no name behind.

use crate::house::{House, PASSWORD};
use benhan_domain::id::{EncounterId, SessionId};
use benhan_server::app::accounts::{self, Caller};
use benhan_server::http::{Door, events::Heartbeat, serve_at};
use benhan_server::hub::{Event, Hub, LiveValue};
use benhan_store::{StoreError, sessions};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const NEVER: Duration = Duration::from_secs(3_600);
/// Long after what is waited for has come, or it never does.
const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    house: House,
    base: String,
    client: reqwest::Client,
    stop: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Running {
    async fn start(every: Duration) -> Self {
        let house = House::open().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let base = format!("http://{}/api/v1", listener.local_addr().expect("an address"));
        let stop = CancellationToken::new();
        let door = Door { listener, tls: None, data_dir: None };
        tokio::spawn(serve_at(house.app.clone(), door, stop.clone(), Heartbeat(every)));
        Self { house, base, client: reqwest::Client::new(), stop }
    }

    /// The nurse of the first ward, with her cookie.
    async fn nurse(&self) -> (Caller, String) {
        let opened = accounts::login(&self.house.app, "dd".into(), PASSWORD.into(), None).await.expect("in");
        let caller = accounts::recognise(&self.house.app, &opened.token).await.expect("known");
        (caller, format!("benhan_session={}", opened.token))
    }

    async fn listens(&self, cookie: &str) -> reqwest::Response {
        let asked =
            self.client.get(format!("{}/events?ward={}", self.base, self.house.wards[0])).header("Cookie", cookie);
        let mut stream = asked.send().await.expect("an answer");
        assert_eq!(stream.status(), 200);
        stream.chunk().await.expect("a line").expect("the first one");
        stream
    }

    /// As another process does it: the row changes, and nobody is told.
    async fn quietly(&self, act: impl FnOnce(&mut benhan_store::Tx<'_>) -> Result<(), StoreError> + Send + 'static) {
        self.house.app.db.write(act).await.expect("written");
    }

    async fn post(&self, who: &(Caller, String), path: &str, body: &Value) -> reqwest::Response {
        let asked = self.client.post(format!("{}{path}", self.base)).header("Cookie", &who.1).json(body);
        asked.header("X-CSRF-Token", &who.0.csrf).send().await.expect("an answer")
    }
}

/// Everything until the stream ends by itself.
async fn rest(mut stream: reqwest::Response) -> String {
    let mut text = String::new();
    let all = async {
        while let Some(chunk) = stream.chunk().await.expect("a chunk") {
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("the stream ends");
    text
}

/// A ward that is never quiet.
fn busy(hub: Arc<Hub>, ward: benhan_domain::id::WardId) -> tokio::task::JoinHandle<()> {
    let value =
        LiveValue { encounter_id: EncounterId(Uuid::nil()), code: "pulse", value: 72.0, at: String::new(), micros: 1 };
    let values = Arc::new(vec![value]);
    tokio::spawn(async move {
        let mut each = tokio::time::interval(Duration::from_millis(2));
        loop {
            each.tick().await;
            hub.publish(Event::Live { ward, values: Arc::clone(&values) });
        }
    })
}

#[tokio::test]
async fn a_session_that_was_locked_elsewhere_hears_no_more_however_busy_the_ward() {
    let running = Running::start(Duration::from_millis(50)).await;
    let (nurse, cookie) = running.nurse().await;
    let stream = running.listens(&cookie).await;
    let noise = busy(Arc::clone(&running.house.app.hub), running.house.wards[0]);
    running.quietly(move |tx| sessions::set_locked(tx, nurse.session, true)).await;
    let heard = rest(stream).await;
    noise.abort();
    assert!(heard.ends_with("event: ended\ndata: {\"reason\":\"locked\"}\n\n"), "{heard}");
}

#[tokio::test]
async fn locking_the_screen_ends_its_stream_at_once() {
    let running = Running::start(NEVER).await;
    let (nurse, cookie) = running.nurse().await;
    let stream = running.listens(&cookie).await;
    let (colleague, hers) = running.nurse().await;
    let mut other = running.listens(&hers).await;
    accounts::lock(&running.house.app, &nurse).await.expect("locked");
    let heard = rest(stream).await;
    assert!(heard.contains("\"reason\":\"locked\""), "{heard}");
    assert_ne!(nurse.session, colleague.session);
    running.house.app.hub.publish(Event::Board { ward: running.house.wards[0] });
    let next = tokio::time::timeout(PATIENCE, other.chunk()).await.expect("in time").expect("a chunk");
    assert!(String::from_utf8_lossy(&next.expect("more")).contains("event: board"), "another terminal goes on");
}

#[tokio::test]
async fn a_stream_that_fell_behind_is_asked_whether_it_may_go_on() {
    let running = Running::start(NEVER).await;
    let (nurse, cookie) = running.nurse().await;
    let stream = running.listens(&cookie).await;
    running.quietly(move |tx| sessions::revoke(tx, nurse.session)).await;
    // Its own end is among what it never gets to hear.
    let hub = &running.house.app.hub;
    for _ in 0..5_000 {
        hub.publish(Event::Ended { session: SessionId(Uuid::nil()), reason: "revoked" });
    }
    let heard = rest(stream).await;
    assert!(heard.ends_with("event: ended\ndata: {\"reason\":\"expired\"}\n\n"), "{heard}");
}

#[tokio::test]
async fn a_search_is_a_body_and_an_address_names_nobody() {
    let running = Running::start(NEVER).await;
    let nurse = running.nurse().await;
    running.house.admitted("26.0001", "Nguyễn Văn An", running.house.wards[0]).await;
    let found = running.post(&nurse, "/patients/search", &json!({ "q": "nguyen van an" })).await;
    let found: Vec<Value> = found.json().await.expect("a list");
    assert_eq!(found.len(), 1);
    let asked = running.client.get(format!("{}/patients?q=nguyen", running.base)).header("Cookie", &nurse.1);
    assert_eq!(asked.send().await.expect("an answer").status(), 404);
}

#[tokio::test]
async fn a_patient_sent_twice_with_one_key_is_one_patient() {
    let running = Running::start(NEVER).await;
    let nurse = running.nurse().await;
    let who = json!({ "name": "Trần Thị Bình", "birthDate": "1970-01-02", "sex": "female" });
    let send = async |body: &Value, key: &str| {
        let asked = running.client.post(format!("{}/patients", running.base)).header("Cookie", &nurse.1).json(body);
        let asked = asked.header("X-CSRF-Token", &nurse.0.csrf).header("Idempotency-Key", key);
        let answer = asked.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let (first, again) = (send(&who, "k1").await, send(&who, "k1").await);
    assert_eq!((first.0, again.0), (201, 201));
    assert_eq!(first.1["code"], again.1["code"], "the retry is answered, not repeated");
    assert_ne!(send(&who, "k2").await.1["code"], first.1["code"]);
    let many: Vec<String> = (0..21).map(|n| format!("thuốc {n}")).collect();
    let allergic = json!({ "name": "Lê Văn Cường", "sex": "male", "allergies": many });
    let refused = send(&allergic, "k3").await;
    assert_eq!(refused.0, 422, "an allergy is never dropped in silence: {}", refused.1);
    assert!(refused.1["fields"]["allergies"].is_string());
}
