//! What the source itself must not name. Manifests alone cannot say it: a crate may have a library for one folder.

use super::names::{Name, shipped_names};
use super::{assert_none, root};
use walkdir::WalkDir;

/// A Rust file that ships: no tests, no benches, no fuzz targets.
struct Source {
    /// From the root, with `/`.
    path: String,
    names: Vec<Name>,
}

const PURE: &[&str] = &["server/domain/", "device-gateway/codec/", "pacs-bridge/dimse/"];

/// Time, files, sockets, randomness and async, under the names that Rust code has for them.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::io::stdin",
    "std::time::SystemTime",
    "std::time::Instant",
    "tokio",
    "futures",
    "futures_util",
    "rand",
    "getrandom",
    "async",
    "await",
];

const SQL: &[&str] =
    &["server/keys/", "server/store/", "server/uplink/", "pacs-bridge/src/journal", "pacs-bridge/src/library"];

#[test]
fn pure_crates_take_time_and_bytes_as_arguments() {
    let impure = |name: &Name| {
        // now(), now_v7() and so on read a clock, whoever's they are.
        let reads_a_clock = name.path.contains("::") && (name.leaf() == "now" || name.leaf().starts_with("now_"));
        let rolls_dice = matches!(name.leaf(), "new_v4" | "RandomState");
        reads_a_clock || rolls_dice || IMPURE.iter().any(|path| name.is_within(path))
    };
    forbid(
        |path| starts_with_any(path, PURE),
        impure,
        "this crate has no IO, clock, randomness or async; let the caller hand it in",
    );
}

#[test]
fn only_the_store_the_spool_and_the_image_journal_name_diesel() {
    forbid(
        |path| !starts_with_any(path, SQL),
        |name| matches!(name.root(), "diesel" | "diesel_migrations" | "libsqlite3_sys" | "rusqlite"),
        "write a function in server/store (record), server/keys, server/uplink (spool) or the bridge's journal and call that",
    );
}

#[test]
fn only_the_http_folder_names_actix() {
    forbid(
        |path| !path.starts_with("server/src/http"),
        |name| name.root().starts_with("actix") || name.root().starts_with("utoipa_actix"),
        "the web framework stays in server/src/http; pass plain values across",
    );
}

#[test]
fn no_code_is_unsafe() {
    forbid(|_| true, |name| name.path == "unsafe", "find a safe crate that does it; Benhan has no unsafe code");
}

#[test]
fn programs_speak_through_the_log_and_only_commands_print() {
    forbid(
        |path| !path.starts_with("server/benhan/src/"),
        |name| matches!(name.leaf(), "println!" | "print!" | "eprintln!" | "eprint!" | "dbg!"),
        "use tracing with ids and counts; only a command in server/benhan prints to its person",
    );
}

fn forbid(where_: impl Fn(&str) -> bool, what: impl Fn(&Name) -> bool, advice: &str) {
    let sources = sources();
    assert!(sources.len() >= 12, "only {} source files found: are we looking in the right place?", sources.len());
    let mut complaints = Vec::new();
    for source in sources.iter().filter(|source| where_(&source.path)) {
        for name in source.names.iter().filter(|name| what(name)) {
            complaints.push(format!("{}:{}: {}: {advice}", source.path, name.line, name.path));
        }
    }
    assert_none(complaints);
}

fn sources() -> Vec<Source> {
    ["server", "device-gateway", "pacs-bridge"]
        .iter()
        .flat_map(|program| WalkDir::new(root().join(program)).sort_by_file_name())
        .map(|entry| entry.expect("the source tree can be read"))
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root()).expect("under the root").to_string_lossy().replace('\\', "/");
            ships(&path).then(|| {
                let text = std::fs::read_to_string(entry.path()).unwrap_or_else(|error| panic!("{path}: {error}"));
                Source { names: shipped_names(&text), path }
            })
        })
        .collect()
}

/// `src/**.rs` without the files that hold only tests (`tests.rs`, a `tests/` folder).
fn ships(path: &str) -> bool {
    let only_tests = path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs");
    path.ends_with(".rs") && path.contains("/src/") && !only_tests
}

fn starts_with_any(path: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| path.starts_with(prefix))
}
