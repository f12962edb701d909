//! What outlives the gateway's process: time, the devices' memory, the server, and the list of all that happened.

use super::dice::Dice;
use super::door::Door;
use super::script::Script;
use benhan_uplink::Surroundings;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// 1 March 2026, where every run begins.
const EPOCH: i64 = 1_772_323_200_000_000;
/// Forward jumps together stay below the week within which a repetition is known as one.
const MOST_FORWARD: i64 = 5 * 86_400 * 1_000_000;

/// What a device remembers of one message.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    pub tries: u32,
    /// Its place among all acknowledgements.
    pub acknowledged: Option<usize>,
    /// Answered at its first try.
    pub at_first: bool,
    pub given_up: bool,
}

pub struct World {
    pub dice: Dice,
    pub script: Script,
    pub sent: Vec<Sent>,
    pub acknowledgements: usize,
    /// What waited for a person, and gave up its place by that.
    pub apart: BTreeSet<usize>,
    pub door: Door,
    /// No more faults: everything must come to its end.
    pub calm: bool,
    pub trace: Vec<String>,
    /// What must not be.
    pub violations: Vec<String>,
    /// The process was killed: nothing that it does reaches anybody any more.
    pub dead: bool,
    countdown: Option<u64>,
    pub full_until: Duration,
    /// The connection at hand has been told that the disk is full.
    pub limited: bool,
    jumped: i64,
    forward: i64,
    lived: Duration,
    life: Option<Instant>,
}

/// Shared by all that takes part; there is one thread, and no lock is held across an await.
#[derive(Clone)]
pub struct Shared {
    world: Arc<Mutex<World>>,
    pub death: Arc<Notify>,
}

impl Shared {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let script = Script::draw(&mut dice);
        let world = World {
            dice,
            sent: vec![Sent::default(); script.messages.len()],
            acknowledgements: 0,
            apart: BTreeSet::new(),
            door: Door::default(),
            calm: false,
            trace: vec![format!("seed {seed}: {:?}, {} messages", script.faults, script.messages.len())],
            violations: Vec::new(),
            dead: false,
            countdown: None,
            full_until: Duration::ZERO,
            limited: false,
            jumped: 0,
            forward: 0,
            lived: Duration::ZERO,
            life: None,
            script,
        };
        Self { world: Arc::new(Mutex::new(world)), death: Arc::default() }
    }

    pub fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The gateway does something that others see, or is about to. True: it is dead, and does not.
    pub fn point(&self, what: &str) -> bool {
        let mut world = self.lock();
        if !world.dead && world.countdown.is_some_and(|left| left == 0) {
            world.dead = true;
            world.note(format!("KILLED at {what}"));
            self.death.notify_one();
        }
        world.countdown = world.countdown.map(|left| left.saturating_sub(1));
        world.dead
    }

    pub fn note(&self, what: impl Into<String>) {
        self.lock().note(what.into());
    }

    pub fn violated(&self, what: impl Into<String>) {
        self.lock().violated(what.into());
        self.death.notify_one();
    }

    pub fn surroundings(&self) -> Surroundings {
        let (clock, dice, disk) = (self.clone(), self.clone(), self.clone());
        Surroundings::new(move || clock.lock().clock(), move || dice.lock().dice.roll())
            .in_place(move |group, connection| disk.writes(group, connection))
    }
}

impl World {
    pub fn note(&mut self, what: String) {
        let at = self.now();
        self.trace.push(format!("{:>9}.{:03} {what}", at.as_secs(), at.subsec_millis()));
    }

    pub fn violated(&mut self, what: String) {
        self.note(format!("VIOLATED: {what}"));
        self.violations.push(what);
    }

    /// Everybody is rid of everything, or has given it up.
    pub fn all_sent(&self) -> bool {
        self.sent.iter().all(|sent| sent.acknowledged.is_some() || sent.given_up)
    }

    /// Since the run began, by no clock that jumps.
    pub fn now(&self) -> Duration {
        self.lived + self.life.map_or(Duration::ZERO, |begun| begun.elapsed())
    }

    fn clock(&self) -> i64 {
        EPOCH + self.jumped + i64::try_from(self.now().as_micros()).unwrap()
    }

    pub fn begin_life(&mut self, dies_after: Option<u64>) {
        self.life = Some(Instant::now());
        self.dead = false;
        self.limited = false;
        self.countdown = dies_after;
        self.note(format!("the gateway starts, to be killed after {dies_after:?}"));
    }

    pub fn end_life(&mut self) {
        self.lived = self.now();
        self.life = None;
        self.countdown = None;
        self.door.late.retain(|late| late.travels_on);
    }

    /// From now on nothing goes wrong any more.
    pub fn calm_down(&mut self) {
        self.calm = true;
        self.countdown = None;
        self.note("calm".to_owned());
    }

    pub fn chance(&mut self, per_mille: u64) -> bool {
        !self.calm && self.dice.per_mille(per_mille)
    }

    /// Somebody sets the clock, or the battery is empty, or the time service comes back.
    pub fn jump(&mut self) {
        let minute = 60 * 1_000_000;
        let size =
            i64::try_from(self.dice.between(1, 600)).unwrap() * self.dice.pick(&[minute / 60, minute, 10 * minute]);
        if self.dice.per_mille(500) && self.forward + size < MOST_FORWARD {
            self.forward += size;
            self.jumped += size;
        } else {
            self.jumped -= size;
        }
        self.note(format!("the clock jumps, {} s off", self.jumped / 1_000_000));
    }

    /// A device believes that it is rid of this message.
    pub fn acknowledge(&mut self, message: usize) {
        let number = self.acknowledgements;
        let sent = &mut self.sent[message];
        if sent.acknowledged.is_none() {
            sent.acknowledged = Some(number);
            sent.at_first = sent.tries <= 1;
            self.acknowledgements += 1;
        }
        self.note(format!("M{message} acknowledged"));
    }
}
