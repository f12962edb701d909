//! A patient agrees with a code that was sent to their phone, before a witness; the service of messages is scripted.

use crate::house::House;
use crate::patients::{Scene, brother, given, id, place, refusal, scene};
use crate::signers::PIN;
use benhan_domain::time::{Instant, MINUTE};
use benhan_server::app::AppError;
use benhan_server::app::accounts::Caller;
use benhan_server::app::forms;
use benhan_server::app::signing::{self, ByCode};
use benhan_server::config::Messages;
use benhan_server::text_messages::TextMessages;
use benhan_server::view_forms::{CodeSent, FilledForm};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Takes every message, until it is told to refuse.
struct Service {
    url: String,
    taken: Arc<Mutex<Vec<(String, Value)>>>,
    refuses: Arc<Mutex<bool>>,
}

impl Service {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/gui-tin", listener.local_addr().expect("an address"));
        let (taken, refuses) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<bool>>::default());
        let (into, no) = (Arc::clone(&taken), Arc::clone(&refuses));
        tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let mut read = Vec::new();
                let (head, body) = loop {
                    let mut piece = [0; 4_096];
                    let size = line.read(&mut piece).await.expect("read");
                    read.extend_from_slice(&piece[..size]);
                    let text = String::from_utf8_lossy(&read).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    if let Ok(body) = serde_json::from_str::<Value>(body) {
                        break (head.to_owned(), body);
                    }
                };
                let answer = if *no.lock().expect("whole") {
                    "HTTP/1.1 500 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
                } else {
                    let number = format!(r#"{{"data":{{"id":"MS-{}"}}}}"#, into.lock().expect("whole").len() + 1);
                    into.lock().expect("whole").push((head, body));
                    format!("HTTP/1.1 202 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{number}", number.len())
                };
                line.write_all(answer.as_bytes()).await.expect("answered");
            }
        });
        Self { url, taken, refuses }
    }

    fn messages(&self) -> Arc<TextMessages> {
        let body = r#"{"Phone":"{to}","Content":"{text}","Brandname":"BVDK"}"#.to_owned();
        let set = Messages { url: self.url.clone(), body, number_at: "/data/id".into(), ..Messages::default() };
        Arc::new(TextMessages::new(&set, Some("mat-khau".to_owned().into())).expect("a service"))
    }

    /// What the phone shows: the six digits of the last message.
    fn digits(&self) -> String {
        let taken = self.taken.lock().expect("whole");
        let words = taken.last().expect("a message").1["Content"].as_str().expect("words").to_owned();
        let digits = words.split(' ').find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
        digits.expect("a code").to_owned()
    }
}

struct Told {
    s: Scene,
    service: Service,
}

async fn told(house: House) -> Told {
    let (mut s, service) = (scene(house).await, Service::open().await);
    s.house.app.messages = Some(service.messages());
    Told { s, service }
}

impl Told {
    async fn send(&self, of: &FilledForm, phone: &str) -> Result<CodeSent, AppError> {
        signing::send_code(&self.s.house.app, &self.s.ha, place(of, "patient"), None, phone).await
    }

    async fn confirms(
        &self,
        witness: &Caller,
        of: &FilledForm,
        sent: &CodeSent,
        code: &str,
    ) -> Result<FilledForm, AppError> {
        let by = ByCode { sent: sent.id.parse().expect("an id"), code: code.to_owned() };
        let agrees = self.s.agrees(of, "patient", None);
        signing::patient_confirms(&self.s.house.app, witness, agrees, by, PIN.into()).await
    }
}

on_both! {
    a_patient_agrees_with_the_code_from_their_phone,
    a_code_confirms_nothing_but_what_it_was_sent_for,
    a_message_that_does_not_go_is_said_and_nothing_waits,
}

// Clauses: C13-3
async fn a_patient_agrees_with_the_code_from_their_phone(house: House) {
    let t = told(house).await;
    let consent = t.s.explained(&t.s.consent().await).await;
    assert!(consent.phone_codes);
    assert_eq!(refusal(t.send(&consent, "113").await).fields.len(), 1);
    let sent = t.send(&consent, "+84 912 345 678").await.expect("sent");
    assert_eq!(sent.phone, "…678");
    let (head, body) = t.service.taken.lock().expect("whole")[0].clone();
    assert!(head.to_lowercase().contains("authorization: bearer mat-khau"), "{head}");
    assert_eq!((body["Phone"].as_str(), body["Brandname"].as_str()), (Some("0912345678"), Some("BVDK")));
    let words = body["Content"].as_str().expect("words");
    assert!(words.is_ascii() && !words.contains("Dung") && !words.to_lowercase().contains("cam ket"), "{words}");

    let wrong = refusal(t.confirms(&t.s.ha, &consent, &sent, "00000x").await);
    assert!(wrong.fields["code"].contains("6 chữ số"));
    let signed = t.confirms(&t.s.ha, &consent, &sent, &t.service.digits()).await.expect("signed");
    let by = given(&signed, "patient").expect("the patient's");
    assert_eq!((signed.entry.state.as_str(), by.name.as_str()), ("signed", "Trần Thị Dung"));
    let (_, evidence) = t.s.evidence().await.remove(0);
    let code = &evidence["proof"]["phoneCode"];
    assert_eq!((evidence["method"].as_str(), code["phone"].as_str()), (Some("phone-code"), Some("0912345678")));
    assert_eq!((code["message"].as_str(), code["code"].as_str()), (Some("MS-1"), Some(sent.id.as_str())));
    assert!(!evidence.to_string().contains(&t.service.digits()), "the code itself is nowhere");
    assert_eq!(t.s.house.audited("create", "patient-code").await, 1);
    let pdf = signing::pdf(&t.s.house.app, &t.s.an, id(&signed), signed.entry.version).await.expect("the sheet");
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("sheet.pdf");
    std::fs::write(&at, pdf).expect("written");
    let read = std::process::Command::new("pdftotext").arg(&at).arg("-").output().expect("poppler-utils is there");
    let said = String::from_utf8_lossy(&read.stdout).replace(['\n', '\u{200b}'], " ");
    assert!(said.contains("mã gửi đến điện thoại") && said.contains("…678") && !said.contains("0912345678"), "{said}");
    assert_eq!(refusal(t.confirms(&t.s.ha, &consent, &sent, &t.service.digits()).await).code, "code-gone", "once");
}

// Clauses: C13-3
async fn a_code_confirms_nothing_but_what_it_was_sent_for(house: House) {
    let t = told(house).await;
    let consent = t.s.explained(&t.s.consent().await).await;
    let sent = t.send(&consent, "0912345678").await.expect("sent");
    let digits = t.service.digits();
    assert_eq!(refusal(t.confirms(&t.s.an, &consent, &sent, &digits).await).code, "code-gone", "another witness");
    let by = ByCode { sent: sent.id.parse().expect("an id"), code: digits.clone() };
    let agrees = t.s.agrees(&consent, "patient", Some(brother()));
    let of_brother = signing::patient_confirms(&t.s.house.app, &t.s.ha, agrees, by.clone(), PIN.into()).await;
    assert_eq!(refusal(of_brother).code, "code-gone", "it went to the patient");
    let agrees = t.s.agrees(&consent, "patient", None);
    let pin = signing::patient_confirms(&t.s.house.app, &t.s.ha, agrees, by, "000000".into()).await;
    assert_eq!(refusal(pin).code, "bad-pin");

    let amended = t.s.saves(&consent, "Mổ mở", Some("Đổi phương pháp")).await;
    let amended = t.s.explained(&amended).await;
    assert_eq!(refusal(t.confirms(&t.s.ha, &amended, &sent, &digits).await).code, "code-gone", "another version");
    assert!(t.confirms(&t.s.ha, &consent, &sent, &digits).await.is_err(), "the version that it was for stands no more");
    let sent = t.send(&amended, "0912345678").await.expect("sent");
    let digits = t.service.digits();
    let other = if digits == "111111" { "222222" } else { "111111" };
    for says in ["còn 2 lần", "còn 1 lần"] {
        let no = refusal(t.confirms(&t.s.ha, &amended, &sent, other).await);
        assert!(no.fields["code"].contains(says), "{no:?}");
    }
    assert_eq!(refusal(t.confirms(&t.s.ha, &amended, &sent, other).await).code, "code-gone");
    assert_eq!(refusal(t.confirms(&t.s.ha, &amended, &sent, &digits).await).code, "code-gone", "nor the right one");

    let sent = t.send(&amended, "0912345678").await.expect("sent");
    t.s.house.later(5 * MINUTE + 1);
    assert_eq!(refusal(t.confirms(&t.s.ha, &amended, &sent, &t.service.digits()).await).code, "code-gone", "too late");
    assert!(t.s.evidence().await.is_empty());
    let mut refused = None;
    for _ in 0..12 {
        refused = refused.or(t.send(&amended, "0912345678").await.err());
    }
    assert_eq!(refusal::<()>(Err(refused.expect("too many"))).code, "too-many-codes");
    assert!(t.service.taken.lock().expect("whole").len() <= 10, "nobody is flooded");
}

async fn a_message_that_does_not_go_is_said_and_nothing_waits(house: House) {
    let mut t = told(house).await;
    let consent = t.s.explained(&t.s.consent().await).await;
    *t.service.refuses.lock().expect("whole") = true;
    assert_eq!(refusal(t.send(&consent, "0912345678").await).code, "message-not-sent");
    assert_eq!(t.s.house.audited("create", "patient-code").await, 1, "it was tried");
    assert_eq!(
        refusal(signing::send_code(&t.s.house.app, &t.s.other, place(&consent, "patient"), None, "0912345678").await)
            .code,
        "forbidden"
    );
    t.s.house.app.messages = None;
    assert_eq!(refusal(t.send(&consent, "0912345678").await).code, "no-messages");
    let shown = forms::read(&t.s.house.app, &t.s.an, id(&consent)).await.expect("read");
    assert!(!shown.phone_codes && shown.entry.effective_at <= Instant(t.s.house.app.db.now().0).rfc3339());
}
