//! The server as the contract has it: a delivery is applied once by its id, each is answered for itself, and what
//! becomes of a request on its way is drawn. It judges what it gets at once.

use super::judge::{self, Effect};
use super::script::Liking;
use super::world::{Shared, World};
use benhan_contract::{Deliveries, DeliveryId, Outcome, Receipt, Receipts};
use benhan_uplink::{Answer, Answering, CallError, Wire};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::sleep;

/// A client gives a request up after so long.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Default)]
pub struct Door {
    stored: BTreeSet<DeliveryId>,
    /// In the order in which they were applied.
    pub effects: Vec<Effect>,
    /// Under way, and not arrived.
    pub late: Vec<Late>,
    away_until: Duration,
    requests: usize,
    /// How often the server did not take it, when it came alone.
    failed: BTreeMap<usize, u32>,
}

impl Door {
    pub fn failed_on(&self, message: usize) -> u32 {
        self.failed.get(&message).copied().unwrap_or(0)
    }
}

/// A request that arrives whether its sender still lives or not.
pub struct Late {
    request: usize,
    due: Duration,
    body: Vec<u8>,
    pub travels_on: bool,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Fine,
    /// Receipts in any order, some of them twice.
    Shuffled,
    /// Some receipts are missing.
    Forgotten,
    /// It never arrives.
    Lost,
    /// It arrives, and the answer does not.
    Unheard,
    /// It arrives long after its sender has given it up.
    Late,
    /// The answer ends in the middle and says that it is whole.
    Mangled,
    /// Applied or not, and then this status.
    Status(u16, bool),
}

const FATES: &[Fate] = &[
    Fate::Shuffled,
    Fate::Forgotten,
    Fate::Lost,
    Fate::Unheard,
    Fate::Late,
    Fate::Mangled,
    Fate::Status(500, false),
    Fate::Status(500, true),
    Fate::Status(503, false),
    Fate::Status(429, false),
    Fate::Status(401, false),
    Fate::Status(502, true),
    Fate::Status(504, true),
];

impl Wire for Shared {
    fn post<'a>(&'a self, path: &'a str, body: Vec<u8>) -> Answering<'a> {
        Box::pin(async move {
            if path != "ingest/deliveries" {
                self.violated(format!("a post to {path}"));
            }
            self.carry(body).await
        })
    }
}

impl Shared {
    async fn carry(&self, body: Vec<u8>) -> Result<Answer, CallError> {
        self.alive("a request").await;
        let (fate, request, there, back) = self.lock().dispatch(&body)?;
        if fate == Fate::Late {
            sleep(PATIENCE).await;
            self.lock().failed(&body);
            return Err(broken(true));
        }
        sleep(there).await;
        self.alive("the arrival of a request").await;
        let answer = self.lock().arrived(request, fate, &body);
        if fate == Fate::Mangled || !answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            self.lock().failed(&body);
        }
        sleep(back).await;
        self.alive("an answer of the server").await;
        self.note(format!("request {request}: {}", answer.as_ref().map_or(0, |answer| answer.status)));
        answer
    }

    async fn alive(&self, what: &str) {
        if self.point(what) {
            std::future::pending().await
        }
    }
}

fn broken(late: bool) -> CallError {
    CallError::Unanswered { reason: "the connection broke".to_owned(), late }
}

impl World {
    fn dispatch(&mut self, body: &[u8]) -> Result<(Fate, usize, Duration, Duration), CallError> {
        self.take_late(false);
        let (now, faults) = (self.now(), self.script.faults);
        if now >= self.door.away_until && self.chance(faults.outages) {
            self.door.away_until = now + Duration::from_secs(self.dice.between(1, 1200));
        }
        if now < self.door.away_until && !self.calm {
            return Err(CallError::Away { reason: "no connection".to_owned(), retry_after: None });
        }
        let fate = if self.chance(faults.answers) { self.dice.pick(FATES) } else { Fate::Fine };
        let most = if self.calm { 1 } else { self.dice.pick(&[1, 100, 4_000]) };
        let mut way = || Duration::from_millis(self.dice.between(0, most));
        let (there, back) = (way(), way());
        self.door.requests += 1;
        let request = self.door.requests;
        self.note(format!("request {request} of {} bytes: {fate:?}", body.len()));
        let due = now + if fate == Fate::Late { Duration::from_secs(self.dice.between(1, 400)) } else { there };
        let travels_on = fate == Fate::Late || (fate != Fate::Lost && self.dice.per_mille(500));
        if fate != Fate::Lost {
            self.door.late.push(Late { request, due, body: body.to_vec(), travels_on });
        }
        Ok((fate, request, there, back))
    }

    fn arrived(&mut self, request: usize, fate: Fate, body: &[u8]) -> Result<Answer, CallError> {
        self.take_late(false);
        // It may have arrived with those that were due.
        self.door.late.retain(|late| late.request != request);
        let answer = |status, body| Ok(Answer { status, retry_after: None, body });
        match fate {
            Fate::Lost => return Err(broken(self.dice.per_mille(500))),
            Fate::Status(status, false) => {
                let retry_after = self.dice.per_mille(500).then_some(7);
                return Ok(Answer { status, retry_after, body: Vec::new() });
            }
            _ => {}
        }
        let mut receipts = match self.apply(body) {
            Ok(receipts) => receipts,
            Err(status) => return answer(status, b"{\"title\":\"no\"}".to_vec()),
        };
        match fate {
            Fate::Unheard => return Err(broken(self.dice.per_mille(500))),
            Fate::Status(status, _) => return answer(status, Vec::new()),
            Fate::Forgotten => receipts.retain(|_| self.dice.per_mille(500)),
            Fate::Shuffled => {
                let again: Vec<Receipt> = receipts.iter().filter(|_| self.dice.per_mille(300)).cloned().collect();
                receipts.extend(again);
                for place in (1..receipts.len()).rev() {
                    let other = self.dice.size(0, place);
                    receipts.swap(place, other);
                }
            }
            _ => {}
        }
        let mut body = serde_json::to_vec(&Receipts { receipts }).unwrap();
        if fate == Fate::Mangled {
            body.truncate(self.dice.size(0, body.len() - 1));
        }
        answer(200, body)
    }

    fn failed(&mut self, body: &[u8]) {
        let batch = serde_json::from_slice::<Deliveries>(body).map(|batch| batch.deliveries).unwrap_or_default();
        if let [alone] = batch.as_slice()
            && let Some(message) = judge::message_of(&alone.raw)
        {
            *self.door.failed.entry(message).or_default() += 1;
        }
    }

    /// What is due arrives; at the end, all of it does.
    pub fn take_late(&mut self, all: bool) {
        let now = self.now();
        while let Some(at) = self.door.late.iter().position(|late| late.travels_on && (all || late.due < now)) {
            let late = self.door.late.remove(at);
            self.note(format!("request {} arrives late", late.request));
            // Nobody hears the answer.
            let _ = self.apply(&late.body);
        }
    }

    fn apply(&mut self, body: &[u8]) -> Result<Vec<Receipt>, u16> {
        let Ok(batch) = serde_json::from_slice::<Deliveries>(body) else {
            self.violated("a body that is no deliveries".to_owned());
            return Err(422);
        };
        if batch.deliveries.len() > benhan_contract::MAX_BATCH {
            self.violated("more deliveries than a request may have".to_owned());
        }
        let liked = |world: &Self, raw: &str| match judge::message_of(raw) {
            Some(message) if !world.calm => world.script.messages.get(message).map_or(Liking::Takes, |m| m.liking),
            _ => Liking::Takes,
        };
        let likings: Vec<Liking> = batch.deliveries.iter().map(|delivery| liked(self, &delivery.raw)).collect();
        if likings.contains(&Liking::Rejects) {
            return Err(422);
        }
        if likings.contains(&Liking::FailsOn) {
            return Err(500);
        }
        let mut receipts = Vec::new();
        for (delivery, liking) in batch.deliveries.iter().zip(likings) {
            let outcome = if liking == Liking::Refuses {
                Outcome::Refused
            } else if self.door.stored.insert(delivery.id) {
                self.judge(delivery);
                Outcome::Accepted
            } else {
                Outcome::Duplicate
            };
            let reason = if outcome == Outcome::Refused { "no".to_owned() } else { String::new() };
            receipts.push(Receipt { id: delivery.id, outcome, reason });
        }
        Ok(receipts)
    }
}
