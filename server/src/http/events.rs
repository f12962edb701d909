//! One stream of events per browser (SSE). It says what changed; what the change is, is read with the caller's rights.

use super::error::Answer;
use super::extract::{COOKIE, Who, id};
use crate::App;
use crate::app::accounts::{self, Caller};
use crate::app::board;
use crate::app::lookups::permit_in;
use crate::app::matching::waiting_count;
use crate::hub::Event;
use actix_web::web::{Bytes, Data, Query, ServiceConfig, resource};
use actix_web::{HttpRequest, HttpResponse};
use benhan_domain::access::ViewWard;
use benhan_domain::id::WardId;
use futures_util::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

#[derive(Deserialize)]
struct Asked {
    ward: String,
}

/// So often it is looked whether the session still stands, however much there is to tell meanwhile. The comment that
/// follows keeps proxies from closing a quiet stream.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat(pub Duration);

impl Default for Heartbeat {
    fn default() -> Self {
        Self(Duration::from_secs(15))
    }
}

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(resource("/api/v1/events").get(events));
}

async fn events(
    who: Who,
    req: HttpRequest,
    app: Data<App>,
    asked: Query<Asked>,
    shutdown: Data<CancellationToken>,
    heartbeat: Data<Heartbeat>,
) -> Answer<HttpResponse> {
    let ward: WardId = id(&asked.ward, "khoa")?;
    permit_in::<ViewWard>(&who.actor, ward)?;
    let listener = Listener {
        hub: app.hub.subscribe(),
        token: req.cookie(COOKIE).map(|c| c.value().to_owned()).unwrap_or_default(),
        app: app.get_ref().clone(),
        caller: who.0,
        ward,
        shutdown: shutdown.get_ref().clone(),
        heartbeat: ticking(heartbeat.0),
        // A browser that comes back with Last-Event-ID may have missed anything: it fetches the board anew.
        first: req.headers().contains_key("Last-Event-ID"),
        over: false,
        count: 0,
        _seat: Seat::take(),
    };
    let lines =
        stream::unfold(
            listener,
            |mut l| async move { l.next().await.map(|line| (Ok::<_, actix_web::Error>(line), l)) },
        );
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(lines))
}

fn sees(caller: &Caller, ward: WardId) -> bool {
    permit_in::<ViewWard>(&caller.actor, ward).is_ok()
}

fn ticking(every: Duration) -> Interval {
    let mut ticking = interval_at(tokio::time::Instant::now() + every, every);
    ticking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticking
}

struct Listener {
    hub: Receiver<Event>,
    token: String,
    app: App,
    caller: Caller,
    ward: WardId,
    shutdown: CancellationToken,
    heartbeat: Interval,
    first: bool,
    over: bool,
    count: u64,
    _seat: Seat,
}

/// Counts a terminal for as long as its stream is open, however it ends.
struct Seat;

impl Seat {
    fn take() -> Self {
        metrics::gauge!("benhan_event_streams").increment(1.0);
        Self
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        metrics::gauge!("benhan_event_streams").decrement(1.0);
    }
}

impl Listener {
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        if std::mem::take(&mut self.first) {
            return Some(self.line("board", &json!({})));
        }
        if self.count == 0 {
            self.count = 1;
            return Some(Bytes::from_static(b"retry: 2000\n\n"));
        }
        loop {
            let heard = tokio::select! {
                () = self.shutdown.cancelled() => return None,
                // Its own clock: a ward that is never quiet must not put the look at the session off.
                _ = self.heartbeat.tick() => {
                    let over = self.ended().await;
                    return Some(over.unwrap_or(Bytes::from_static(b": still here\n\n")));
                }
                heard = self.hub.recv() => heard,
            };
            match heard {
                Err(RecvError::Closed) => return None,
                // Too slow for the backlog: fetch everything again, unless the end was in what is lost.
                Err(RecvError::Lagged(_)) => {
                    let over = self.ended().await;
                    return Some(over.unwrap_or_else(|| self.line("board", &json!({}))));
                }
                Ok(event) => {
                    if let Some(line) = self.tell(event).await {
                        return Some(line);
                    }
                }
            }
        }
    }

    /// The last line, when the session no longer stands.
    async fn ended(&mut self) -> Option<Bytes> {
        match accounts::standing(&self.app, &self.token).await {
            // A duty on this ward may be over: the board that they fetch says so.
            Ok((caller, _)) if !caller.locked && !sees(&caller, self.ward) => {
                self.over = true;
                Some(self.line("board", &json!({})))
            }
            Ok((caller, _)) if !caller.locked => {
                self.caller = caller;
                None
            }
            Ok(_) => Some(self.end("locked")),
            Err(_) => Some(self.end("expired")),
        }
    }

    fn end(&mut self, reason: &str) -> Bytes {
        self.over = true;
        self.line("ended", &json!({ "reason": reason }))
    }

    fn line(&mut self, name: &str, data: &Value) -> Bytes {
        self.count = self.count.saturating_add(1);
        Bytes::from(format!("id: {}\nevent: {name}\ndata: {data}\n\n", self.count))
    }

    async fn tell(&mut self, event: Event) -> Option<Bytes> {
        match event {
            Event::Occupant { ward, encounter } if ward == self.ward => {
                let card = board::occupant(&self.app, &self.caller, ward, encounter).await.ok()??;
                let data = serde_json::to_value(card).ok()?;
                Some(self.line("occupant", &data))
            }
            Event::Board { ward } if ward == self.ward => Some(self.line("board", &json!({}))),
            Event::Chart { ward, encounter, what } if ward == self.ward => {
                Some(self.line("chart", &json!({ "encounterId": encounter, "what": what })))
            }
            Event::Live { ward, values } if ward == self.ward => Some(self.line("live", &json!({ "values": *values }))),
            Event::Waiting => {
                let caller = self.caller.clone();
                let count = self.app.db.read::<_, crate::app::AppError, _>(move |conn| {
                    Ok((waiting_count(conn, &caller)?, benhan_store::studies::unmatched_count(conn)?))
                });
                let (inbox, studies) = count.await.ok()?;
                Some(self.line("waiting", &json!({ "inbox": inbox, "studies": studies })))
            }
            Event::Ended { session, reason } if session == self.caller.session => Some(self.end(reason)),
            _ => None,
        }
    }
}
