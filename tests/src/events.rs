//! The stream of events that a browser keeps open (SSE).

use crate::actor::Actor;
use reqwest::{Method, Response};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

pub struct Events {
    response: Response,
    text: String,
}

const PATIENCE: Duration = Duration::from_secs(30);

impl Events {
    /// The events of the actor's own ward. Returns when the stream speaks.
    pub async fn open(actor: &Actor) -> Self {
        let path = format!("/events?ward={}", actor.ward());
        let response =
            actor.request(Method::GET, &path).timeout(Duration::from_secs(600)).send().await.expect("a stream");
        assert_eq!(response.status(), 200);
        let mut events = Self { response, text: String::new() };
        events.more().await.expect("the stream begins");
        events
    }

    /// More text; `None` when the stream has ended.
    async fn more(&mut self) -> Option<()> {
        let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("the stream says something in time");
        self.text.push_str(&String::from_utf8_lossy(&chunk.ok().flatten()?));
        Some(())
    }

    /// The next event of any name; `None` at the end of the stream.
    async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |key: &str| block.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
                let (name, data) = (line("event: "), line("data: "));
                self.text = rest.to_owned();
                if let (Some(name), Some(data)) = (name, data) {
                    return Some((name, serde_json::from_str(&data).expect("JSON")));
                }
            }
            self.more().await?;
        }
    }

    /// The next event of this name that fits; others pass.
    pub async fn next(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let (of, data) = self.event().await.expect("the stream goes on");
                if of == name && fits(&data) {
                    return data;
                }
            }
        };
        timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("no event {name}"))
    }

    /// The stream says why it ends, and then ends.
    pub async fn ended(&mut self) -> String {
        let end = self.next("ended", |_| true).await;
        assert_eq!(self.event().await, None, "nothing comes after the end");
        end["reason"].as_str().expect("a reason").to_owned()
    }
}
