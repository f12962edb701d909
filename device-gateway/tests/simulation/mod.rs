//! The gateway under everything that happens to it, from a seed: killed at any point, its lines cut at any byte, its
//! disk full, its clock set, the server away, failing, slow and forgetful.
//!
//! Spool, drivers, reader and courier are the real ones, over SQLite files; devices, lines and the server are models. All
//! is done in one thread under a clock that stands, so one seed is one run. Not here: what SQLite does when an fsync
//! is a lie, and the process itself, which `tests/it/kill.rs` kills.
//!
//! What must hold: what was acknowledged has exactly one effect, what was not has at most one; effects of a device come
//! in the order of its acknowledgements; no value reaches another patient; nothing panics; and when the faults end
//! everything arrives within the hour.

mod device;
mod dice;
mod disk;
mod door;
mod judge;
mod line;
mod run;
mod script;
mod world;

use run::run;

/// 2,000 in `make test`; `BENHAN_SIMULATION_SEEDS=100000` in `make soak`. They begin at `BENHAN_SIMULATION_FROM`.
fn seeds(share: u64, of: u64) -> impl Iterator<Item = u64> {
    let number =
        |name: &str, otherwise| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (first, count): (u64, u64) = (number("BENHAN_SIMULATION_FROM", 1), number("BENHAN_SIMULATION_SEEDS", 2_000));
    (first..first + count).filter(move |seed| seed % of == share)
}

/// A share that finds so many tells them and goes no further.
const MOST_BROKEN: usize = 10;
const AGAIN: &str = "cargo nextest run -p benhan-device-gateway --no-capture acknowledged_has_exactly_one_effect";

fn holds(share: u64) {
    let alone = seeds(0, 1).nth(1).is_none();
    let (mut runs, mut broken) = (0, Vec::new());
    for seed in seeds(share, 8) {
        runs += 1;
        let run = run(seed);
        let holds = run.violations.is_empty();
        if alone || (!holds && broken.is_empty()) {
            eprintln!("{}", run.trace.join("\n"));
        }
        if !holds {
            let again = format!("BENHAN_SIMULATION_FROM={seed} BENHAN_SIMULATION_SEEDS=1 {AGAIN}");
            broken.push(format!("seed {seed}: {}\n  again: {again}", run.violations.join("; ")));
        }
        if broken.len() == MOST_BROKEN {
            break;
        }
    }
    assert!(broken.is_empty(), "{} of {runs} seeds do not hold:\n{}", broken.len(), broken.join("\n"));
    if runs > 0 {
        eprintln!("{runs} seeds held");
    }
}

/// The seeds in eight shares, so that they have all of the machine.
macro_rules! shares {
    ($($name:ident: $share:literal,)*) => {
        mod what_is_acknowledged_has_exactly_one_effect {
            $(#[test] fn $name() { super::holds($share); })*
        }
    };
}

shares! {
    share_0: 0, share_1: 1, share_2: 2, share_3: 3, share_4: 4, share_5: 5, share_6: 6, share_7: 7,
}

#[test]
fn one_seed_is_one_run() {
    for seed in seeds(0, 1).take(20) {
        let (first, second) = (run(seed).trace, run(seed).trace);
        let differs = first.iter().zip(&second).position(|(a, b)| a != b);
        assert!(first == second, "seed {seed} differs from line {differs:?} on");
    }
}
