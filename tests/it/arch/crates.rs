//! Which crate may depend on which, and where an outside library may be named.

use super::assert_none;
use super::manifest::{Dependency, Manifest, members};
use std::collections::BTreeSet;

/// A crate of ours, and the crates of ours that it may be built from.
struct Row {
    name: &'static str,
    uses: &'static [&'static str],
}

const fn row(name: &'static str, uses: &'static [&'static str]) -> Row {
    Row { name, uses }
}

/// The table of ARCHITECTURE.md. Arrows point down; siblings never see each other.
const TABLE: &[Row] = &[
    row("benhan-domain", &[]),
    row("benhan-contract", &[]),
    row("benhan-store", &["benhan-domain", "benhan-contract", "benhan-keys"]),
    row("benhan-sign", &[]),
    row("benhan-holders", &["benhan-domain", "benhan-sign"]),
    row("benhan-sign-agent", &["benhan-domain", "benhan-sign", "benhan-holders"]),
    row("benhan-package", &["benhan-domain", "benhan-sign"]),
    row("benhan-render", &["benhan-domain"]),
    row("benhan-scan", &["benhan-domain"]),
    row("benhan-bucket", &[]),
    row("benhan-webauthn", &[]),
    row("benhan-uplink", &["benhan-contract"]),
    row(
        "benhan-server",
        &[
            "benhan-domain",
            "benhan-contract",
            "benhan-store",
            "benhan-sign",
            "benhan-holders",
            "benhan-package",
            "benhan-render",
            "benhan-scan",
            "benhan-bucket",
            "benhan-webauthn",
        ],
    ),
    row("benhan-device-codec", &[]),
    row("benhan-device-gateway", &["benhan-contract", "benhan-uplink", "benhan-device-codec"]),
    row("benhan-dimse", &[]),
    row("benhan-pacs-bridge", &["benhan-contract", "benhan-uplink", "benhan-dimse", "benhan-keys"]),
    row("benhan-keys", &["benhan-domain"]),
    row("benhan", EVERYTHING),
    row("benhan-tests", EVERYTHING),
    row("benhan-bench", &["benhan-domain", "benhan-sign", "benhan-store"]),
];

const EVERYTHING: &[&str] = &[
    "benhan-domain",
    "benhan-contract",
    "benhan-keys",
    "benhan-store",
    "benhan-sign",
    "benhan-holders",
    "benhan-sign-agent",
    "benhan-package",
    "benhan-render",
    "benhan-scan",
    "benhan-bucket",
    "benhan-webauthn",
    "benhan-uplink",
    "benhan-server",
    "benhan-device-codec",
    "benhan-device-gateway",
    "benhan-dimse",
    "benhan-pacs-bridge",
];

/// Crates that know no IO, clock, randomness or async.
const PURE: &[&str] = &["benhan-domain", "benhan-device-codec", "benhan-dimse"];

/// An outside library (by the start of its name) and the crates that may be built from it.
struct Home {
    library: &'static str,
    crates: &'static [&'static str],
    because: &'static str,
}

const HOMES: &[Home] = &[
    Home { library: "diesel", crates: DATABASES, because: "SQL lives in the store, the spool and the image journal" },
    Home {
        library: "libsqlite3-sys",
        crates: DATABASES,
        because: "SQL lives in the store, the spool and the image journal",
    },
    Home { library: "pq-sys", crates: &["benhan-store"], because: "only the record itself may be on PostgreSQL" },
    Home { library: "rusqlite", crates: &[], because: "one way to SQLite is enough: diesel" },
    Home { library: "actix", crates: &["benhan-server"], because: "only server/src/http knows the web framework" },
    Home {
        library: "utoipa-actix",
        crates: &["benhan-server"],
        because: "only server/src/http knows the web framework",
    },
    Home {
        library: "tokio-serial",
        crates: &["benhan-device-gateway"],
        because: "the server never opens a serial port",
    },
    Home { library: "cryptoki", crates: &["benhan-holders"], because: "a driver of a token is loaded in one place" },
    Home {
        library: "rusty-s3",
        crates: &["benhan-bucket"],
        because: "a request to an S3 store is signed in one place",
    },
    Home { library: "dicom-ul", crates: &["benhan-pacs-bridge"], because: "the server never speaks DIMSE" },
    Home { library: "typst", crates: &["benhan-render"], because: "it compiles slowly and nobody else should wait" },
];

const DATABASES: &[&str] = &["benhan-keys", "benhan-store", "benhan-uplink", "benhan-pacs-bridge"];

/// Libraries (by the start of their name) that a pure crate has no use for.
const IMPURE: &[&str] = &[
    "tokio",
    "async",
    "futures",
    "rand",
    "getrandom",
    "reqwest",
    "hyper",
    "mio",
    "socket2",
    "tracing",
    "metrics",
    "log",
    "chrono",
];

#[test]
fn every_crate_of_the_workspace_has_a_row_in_the_table() {
    let in_table: BTreeSet<&str> = TABLE.iter().map(|row| row.name).collect();
    let members = members();
    let in_workspace: BTreeSet<&str> = members.iter().map(|manifest| manifest.name.as_str()).collect();
    assert_eq!(in_table, in_workspace, "left: the table in tests/it/arch/crates.rs; right: members in Cargo.toml");
}

#[test]
fn a_crate_is_built_only_from_those_below_it() {
    assert_none(trespasses(Manifest::dependencies, "it may not see that crate; ARCHITECTURE.md shows which way to go"));
}

#[test]
fn the_tests_of_a_crate_reach_no_further_than_the_crate() {
    assert_none(trespasses(Manifest::test_dependencies, "a test that needs both belongs in tests/it"));
}

#[test]
fn outside_libraries_stay_at_home() {
    let mut complaints = Vec::new();
    for manifest in members().iter().filter(|manifest| manifest.name != "benhan-tests") {
        for dependency in manifest.dependencies() {
            let strays = |home: &&Home| {
                dependency.package.starts_with(home.library) && !home.crates.contains(&manifest.name.as_str())
            };
            if let Some(home) = HOMES.iter().find(strays) {
                complaints.push(format!("{}/Cargo.toml: {}: {}", manifest.folder, dependency.package, home.because));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn pure_crates_are_built_from_nothing_that_does_io() {
    let mut complaints = Vec::new();
    for manifest in members().iter().filter(|manifest| PURE.contains(&manifest.name.as_str())) {
        for dependency in manifest.dependencies() {
            if IMPURE.iter().any(|library| dependency.package.starts_with(library)) {
                complaints.push(format!(
                    "{}/Cargo.toml: {}: this crate has no IO, clock, randomness or async; let its caller do that",
                    manifest.folder, dependency.package
                ));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn versions_lints_and_licence_stand_once_in_the_root() {
    let mut complaints = Vec::new();
    for manifest in members() {
        for (section, key) in [
            ("lints", ""),
            ("package", "version"),
            ("package", "edition"),
            ("package", "license"),
            ("package", "publish"),
        ] {
            if !manifest.inherits(section, key) {
                complaints.push(format!("{}/Cargo.toml: write {section}.{key} with workspace = true", manifest.folder));
            }
        }
        for dependency in manifest.dependencies().into_iter().chain(manifest.test_dependencies()) {
            if !dependency.from_workspace {
                complaints.push(format!(
                    "{}/Cargo.toml: {}: put the version into [workspace.dependencies] and write workspace = true here",
                    manifest.folder, dependency.package
                ));
            }
        }
    }
    assert_none(complaints);
}

fn trespasses(dependencies: fn(&Manifest) -> Vec<Dependency>, advice: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for manifest in members() {
        let allowed = TABLE.iter().find(|row| row.name == manifest.name).map_or(&[][..], |row| row.uses);
        for dependency in dependencies(&manifest) {
            let ours = dependency.package == "benhan" || dependency.package.starts_with("benhan-");
            let itself = dependency.package == manifest.name;
            if ours && !itself && !allowed.contains(&dependency.package.as_str()) {
                complaints.push(format!("{}/Cargo.toml: {}: {advice}", manifest.folder, dependency.package));
            }
        }
    }
    complaints
}
