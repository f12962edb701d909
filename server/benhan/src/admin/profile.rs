//! `benhan profile`: which device models are known, whether a profile file is right, and a first one from a capture.

use super::device::{capture, own_profiles};
use crate::cli::Place;
use crate::say;
use anyhow::{Context, bail, ensure};
use benhan_device_gateway::profile::{DraftError, Finding, Level, Profile, draft, lint, shipped};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Subcommand)]
pub enum What {
    /// The device models that this program knows, and the hospital's own
    #[command(after_help = "Example: benhan profile list --data-dir /var/lib/benhan")]
    List {
        #[command(flatten)]
        place: Place,
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// What a profile says: its tests, where it is known from, and what the laboratory must look at
    #[command(after_help = "Example: benhan profile show sysmex-xn")]
    Show {
        id: String,
        #[command(flatten)]
        place: Place,
        /// Print it as JSON
        #[arg(long)]
        json: bool,
    },
    /// Look for what is wrong in profile files: names line, key and what to do; exits 1 when a file cannot be used
    #[command(after_help = "Example: benhan profile lint data/profiles/*.toml")]
    Lint {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Draft a profile from a recorded session
    #[command(after_help = "Example: benhan profile new --from phien.bin --id may-moi > data/profiles/may-moi.toml")]
    New {
        /// What the device sent, as a file
        #[arg(long)]
        from: PathBuf,
        /// Id of the new profile; default: made from the device's name
        #[arg(long, default_value = "")]
        id: String,
    },
}

pub fn run(what: What) -> anyhow::Result<ExitCode> {
    match what {
        What::List { place, json } => {
            list(&place, json)?;
            Ok(ExitCode::SUCCESS)
        }
        What::Show { id, place, json } => {
            show(&id, &place, json)?;
            Ok(ExitCode::SUCCESS)
        }
        What::Lint { files, place, json } => lint_files(&files, &own_profiles(&place)?, json),
        What::New { from, id } => {
            say::line(new(&from, &id)?.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The hospital's own and what ships and is not replaced, by id.
fn all(place: &Place) -> anyhow::Result<Vec<(Arc<Profile>, &'static str)>> {
    let own = own_profiles(place)?;
    let shipped = shipped().map_err(|cause| anyhow::anyhow!("{cause}"))?;
    let others = shipped.iter().filter(|profile| !own.iter().any(|other| other.id == profile.id));
    let others: Vec<_> = others.map(|profile| (Arc::clone(profile), "program")).collect();
    let mut all: Vec<_> = own.into_iter().map(|profile| (profile, "hospital")).chain(others).collect();
    all.sort_by(|(one, _), (other, _)| one.id.cmp(&other.id));
    Ok(all)
}

fn list(place: &Place, as_json: bool) -> anyhow::Result<()> {
    let all = all(place)?;
    let mut text = String::new();
    for (profile, from) in &all {
        let Profile { id, version, title, .. } = profile.as_ref();
        let verified = if profile.verified { "đã đối chiếu" } else { "chưa đối chiếu" };
        writeln!(text, "{id:<28} bản {version:<3} {from:<9} {verified:<15} {title}")?;
    }
    write!(text, "{} hồ sơ máy", all.len())?;
    let listed: Vec<Value> = all.iter().map(|(profile, from)| about(profile, from)).collect();
    super::answer(as_json, &json!({ "profiles": listed }), &text);
    Ok(())
}

fn about(profile: &Profile, from: &str) -> Value {
    json!({
        "id": profile.id, "version": profile.version, "title": profile.title, "vendor": profile.vendor,
        "models": profile.models, "verified": profile.verified, "from": from, "basedOn": profile.based_on,
        "tests": profile.tests().count(),
    })
}

fn show(id: &str, place: &Place, as_json: bool) -> anyhow::Result<()> {
    let all = all(place)?;
    let found = all.iter().find(|(profile, _)| profile.id == id);
    let (profile, from) = found.with_context(|| format!("không có hồ sơ máy «{id}»; `benhan profile list` liệt kê"))?;
    let mut tests: Vec<_> = profile.tests().collect();
    tests.sort_by_key(|(code, _)| *code);
    let mut text = format!("{}\n{} bản {} ({from})\n", profile.title, profile.id, profile.version);
    for (head, lines) in [("Biết từ:", &profile.sources), ("Phòng xét nghiệm phải xem:", &profile.check)] {
        if !lines.is_empty() {
            writeln!(text, "{head}")?;
            lines.iter().try_for_each(|line| writeln!(text, "  - {line}"))?;
        }
    }
    let facts = &profile.facts;
    let port = facts.port.map(|port| format!(" cổng {port}")).unwrap_or_default();
    let baud = facts.baud.map(|baud| format!(" {baud} {}", facts.frame)).unwrap_or_default();
    writeln!(
        text,
        "Kết nối (cho người đọc): {} {}{port}{baud}; hỏi chỉ định: {}",
        facts.protocol, facts.transport, facts.query
    )?;
    for (code, test) in &tests {
        let mut loinc: Vec<String> = test.loinc.iter().map(|(ucum, loinc)| format!("{ucum} → {loinc}")).collect();
        loinc.sort();
        writeln!(
            text,
            "  {code:<16} {}",
            if loinc.is_empty() { "chưa có LOINC".to_owned() } else { loinc.join(", ") }
        )?;
    }
    let mut value = about(profile, from);
    if let Some(object) = value.as_object_mut() {
        object.insert("sources".to_owned(), json!(profile.sources));
        object.insert("check".to_owned(), json!(profile.check));
        let tests: Vec<Value> = tests
            .iter()
            .map(|(code, test)| {
                json!({
                    "code": code, "loinc": test.loinc, "national": test.national, "unit": test.unit,
                    "decimals": test.decimals, "range": test.range,
                })
            })
            .collect();
        object.insert("tests".to_owned(), json!(tests));
    }
    super::answer(as_json, &value, text.trim_end());
    Ok(())
}

fn lint_files(files: &[PathBuf], own: &[Arc<Profile>], as_json: bool) -> anyhow::Result<ExitCode> {
    let (mut text, mut found, mut errors) = (String::new(), Vec::new(), 0);
    for file in files {
        let written = std::fs::read_to_string(file).with_context(|| format!("không đọc được {}", file.display()))?;
        let name = file.display();
        for Finding { level, line, key, what } in lint(&written, own) {
            errors += usize::from(level == Level::Error);
            let (word, code) = match level {
                Level::Error => ("lỗi", "error"),
                Level::Warning => ("xem lại", "warning"),
                Level::Note => ("ghi chú", "note"),
            };
            let key_shown = if key.is_empty() { String::new() } else { format!(" {key}:") };
            writeln!(text, "{name}:{line}: {word}:{key_shown} {what}")?;
            found.push(json!({ "file": name.to_string(), "line": line, "level": code, "key": key, "what": what }));
        }
    }
    write!(text, "{} tệp, {errors} lỗi", files.len())?;
    super::answer(as_json, &json!({ "errors": errors, "findings": found }), &text);
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn new(from: &Path, id: &str) -> anyhow::Result<String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    ensure!(id.chars().all(plain), "--id chỉ gồm chữ thường không dấu, số và dấu gạch nối, như may-huyet-hoc-2");
    match draft(&capture(from)?, id) {
        Ok(text) => Ok(text),
        Err(DraftError::NoMessage) => bail!(
            "{}: không có bản tin HL7 hoặc ASTM nào trọn vẹn. Ghi lại phiên từ lúc máy bắt đầu gửi đến lúc gửi xong rồi thử lại",
            from.display()
        ),
        Err(other) => Err(other.into()),
    }
}
