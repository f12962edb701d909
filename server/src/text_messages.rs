//! Text messages (SMS, Zalo) through whom the hospital has a contract with: one HTTPS request for each.

use crate::config::Messages;
use crate::trust::{NoService, Outside};
use benhan_domain::patient_signature::Phone;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

/// What a service says of a message that it took.
const LARGEST_ANSWER: usize = 64 << 10;
/// Of its number for the message.
const LONGEST_NUMBER: usize = 100;

pub struct TextMessages {
    outside: Outside,
    url: String,
    token: Option<SecretString>,
    body: Value,
    number_at: String,
}

impl TextMessages {
    /// `token` as the service knows the hospital.
    ///
    /// # Errors
    /// In words for whoever sets it up.
    pub fn new(set: &Messages, token: Option<SecretString>) -> Result<Self, String> {
        let url = reqwest::Url::parse(&set.url).map_err(|_| format!("{} is no address", set.url))?;
        let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(here && url.scheme() == "http") {
            return Err(format!("{} is no https address (http only to this machine)", set.url));
        }
        let body: Value = serde_json::from_str(&set.body).map_err(|error| format!("body is no JSON: {error}"))?;
        if !(set.body.contains("{to}") && set.body.contains("{text}")) {
            return Err("body must say where the number and the words go: {to} and {text}".to_owned());
        }
        let outside = Outside::new(Duration::from_secs(set.timeout_seconds.clamp(1, 60)))?;
        Ok(Self { outside, url: set.url.clone(), token, body, number_at: set.number_at.clone() })
    }

    /// The service has taken it. Answers its number for the message, empty where it gives none.
    ///
    /// # Errors
    /// It did not take it, or nobody knows.
    pub async fn send(&self, to: &Phone, text: &str) -> Result<String, NoService> {
        let body = filled(&self.body, to.as_str(), text);
        let token = self.token.as_ref().map(ExposeSecret::expose_secret);
        let answer = self.outside.post_json(&self.url, token, &body, LARGEST_ANSWER).await?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let number = match answer.pointer(&self.number_at).filter(|_| !self.number_at.is_empty()) {
            Some(Value::String(number)) => number.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        Ok(number.chars().filter(|c| !c.is_control()).take(LONGEST_NUMBER).collect())
    }
}

/// Into strings of JSON, so that nothing that is said leads out of its place.
fn filled(of: &Value, to: &str, text: &str) -> Value {
    match of {
        Value::String(said) if said == "{text}" => Value::String(text.to_owned()),
        Value::String(said) => Value::String(said.replace("{to}", to)),
        Value::Array(all) => all.iter().map(|one| filled(one, to, text)).collect(),
        Value::Object(all) => all.iter().map(|(key, one)| (key.clone(), filled(one, to, text))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(url: &str, body: &str) -> Result<TextMessages, String> {
        TextMessages::new(&Messages { url: url.into(), body: body.into(), ..Messages::default() }, None)
    }

    #[test]
    fn a_service_that_would_hear_in_plain_or_hear_nothing_is_refused_by_name() {
        let ours = Messages::default().body;
        assert!(set("https://sms.example.vn/send", &ours).is_ok());
        assert!(set("http://127.0.0.1:8080/send", &ours).is_ok());
        assert!(set("http://sms.example.vn/send", &ours).is_err_and(|why| why.contains("no https address")));
        assert!(set("sms", &ours).is_err_and(|why| why.contains("no address")));
        assert!(set("https://sms.example.vn", "{to} {text}").is_err_and(|why| why.contains("no JSON")));
        assert!(set("https://sms.example.vn", r#"{"Phone":"{to}"}"#).is_err_and(|why| why.contains("{text}")));
    }

    #[test]
    fn words_stay_in_their_place_whatever_they_say() {
        let body = json!({ "Phone": "{to}", "Parts": [{ "Content": "{text}" }], "Sandbox": 0 });
        let said = r#"mã "123456", {to} \"#;
        assert_eq!(
            filled(&body, "0912345678", said),
            json!({ "Phone": "0912345678", "Parts": [{ "Content": said }], "Sandbox": 0 })
        );
    }
}
