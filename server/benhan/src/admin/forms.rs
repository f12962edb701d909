//! `benhan forms`: which forms the record has, whether the hospital's own can be used, and blank ones for a downtime.

use crate::cli::Place;
use crate::config;
use crate::own_forms;
use crate::say;
use anyhow::{Context, ensure};
use benhan_domain::form::FormDefinition;
use benhan_render::{Letterhead, RenderError, Renderer, forms};
use benhan_store::{Db, places};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum What {
    /// Try the forms: every definition and template, each of the hospital's own printed empty and filled; exits 1 when one
    /// has a flaw
    #[command(after_help = "Example: benhan forms check ./forms && cp ./forms/* /var/lib/benhan/forms/")]
    Check {
        /// Folder of the hospital's own forms; default DATA_DIR/forms
        folder: Option<PathBuf>,
        #[command(flatten)]
        place: Place,
        /// Print those that ship too, although nothing that they share is replaced
        #[arg(long)]
        all: bool,
        /// Print the answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// The forms of the record, and which of the 82 of the ministry are still to come
    #[command(after_help = "Example: benhan forms list --data-dir /var/lib/benhan")]
    List {
        #[command(flatten)]
        place: Place,
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a blank form, to be filled by hand while the systems are down
    #[command(after_help = "Example: benhan forms print phieu-truyen-dich --data-dir /var/lib/benhan --out phieu.pdf")]
    Print {
        /// Its code, as `benhan forms list` names it
        code: String,
        /// The PDF to write; one that is there stays
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(what: What) -> anyhow::Result<ExitCode> {
    match what {
        What::Check { folder, place, all, json } => {
            let folder = folder.unwrap_or_else(|| own(&place));
            check(&folder, all, json)
        }
        What::List { place, json } => {
            list(&place, json)?;
            Ok(ExitCode::SUCCESS)
        }
        What::Print { code, out, place } => {
            print(&code, &out, &place)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn own(place: &Place) -> PathBuf {
    place.data_dir.join(own_forms::FOLDER)
}

fn check(folder: &Path, all: bool, as_json: bool) -> anyhow::Result<ExitCode> {
    ensure!(folder.exists(), "{} is not there", folder.display());
    let files = own_forms::read(folder)?;
    let (renderer, flaws) = Renderer::examine(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    let mut flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
    let at = jiff::Timestamp::now().as_microsecond();
    // Forms that ship are proven when the program is built, unless what they share is replaced.
    let own = |file: &str| files.iter().any(|(name, _)| name == file);
    let shared = |name: &str| name.ends_with(".typ") || name.ends_with(".part.toml");
    let all = all || files.iter().any(|(name, _)| shared(name) && forms::ships(name));
    for (file, form) in renderer.forms_by_file().filter(|(file, form)| form.is_filled() && (all || own(file))) {
        if let Err(error) = renderer.try_out(form, nobody(), at) {
            flaws.push(format!("{file}: {}", said(&error)));
        }
    }
    let forms: Vec<Value> = renderer.forms_by_file().map(|(file, form)| described(form, file, own(file))).collect();
    let mut text: Vec<String> = forms.iter().map(line).collect();
    text.extend(flaws.iter().map(|flaw| format!("flaw: {flaw}")));
    text.push(format!("{} forms, {} flaws", forms.len(), flaws.len()));
    super::answer(as_json, &json!({ "forms": forms, "flaws": flaws }), &text.join("\n"));
    Ok(if flaws.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn list(place: &Place, as_json: bool) -> anyhow::Result<()> {
    let files = own_forms::read(&own(place))?;
    let renderer = own_forms::renderer(&own(place))?;
    let forms: Vec<Value> = renderer
        .forms_by_file()
        .map(|(file, form)| described(form, file, files.iter().any(|(name, _)| name == file)))
        .collect();
    let coming: Vec<Value> =
        renderer.to_come().map(|form| json!({ "number": form.number, "title": form.title })).collect();
    let mut text: Vec<String> = forms.iter().map(line).collect();
    text.push(format!("still to come, of the 82 of Circular 32/2023: {}", coming.len()));
    text.extend(renderer.to_come().map(|form| format!("  {}  {}", form.number, form.title)));
    super::answer(as_json, &json!({ "forms": forms, "toCome": coming }), &text.join("\n"));
    Ok(())
}

fn described(form: &FormDefinition, file: &str, own: bool) -> Value {
    json!({
        "code": form.code, "kind": form.kind, "number": form.number, "title": form.title, "version": form.version,
        "validFrom": form.valid_from, "validTo": form.valid_to, "legalAct": form.legal_act,
        "file": file, "from": if own { "hospital" } else { "program" },
    })
}

fn line(form: &Value) -> String {
    let part = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default();
    let version = form.get("version").and_then(Value::as_u64).unwrap_or_default();
    let (from, number) = (part("from"), part("number"));
    let number = if number.is_empty() { "–" } else { number };
    format!(
        "{}  {number}  v{version}  {} – {}  {from}: {}  {}",
        part("code"),
        part("validFrom"),
        part("validTo"),
        part("file"),
        part("title")
    )
}

fn print(code: &str, out: &Path, place: &Place) -> anyhow::Result<()> {
    ensure!(!out.exists(), "{} is there already: give another --out", out.display());
    let renderer = own_forms::renderer(&own(place))?;
    let now = jiff::Timestamp::now();
    let today = now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).date();
    let form = renderer.form(code, today).with_context(|| "`benhan forms list` names the forms")?;
    let at = now.as_microsecond();
    let pdf = renderer.blank(form, letterhead(place), at);
    let pdf = pdf.map_err(|error| anyhow::anyhow!("{}", said(&error)))?;
    std::fs::write(out, &pdf.bytes).with_context(|| format!("cannot write {}", out.display()))?;
    say::line(&format!("{}: {} pages", out.display(), pdf.pages));
    Ok(())
}

/// The hospital's name where the record can be asked; in a downtime it may be away, and the head is left blank.
fn letterhead(place: &Place) -> Letterhead {
    let asked = || -> anyhow::Result<_> {
        let config = config::read(place)?;
        let mut conn = Db::reader(&config::existing_database(place, &config)?)?;
        places::facility(&mut conn)?.context("the record holds no hospital")
    };
    match asked() {
        Ok(facility) => Letterhead {
            authority: facility.authority,
            code: facility.code,
            facility: facility.name,
            department: String::new(),
        },
        Err(error) => {
            say::error(&format!("the hospital's name is left blank: {error:#}"));
            nobody()
        }
    }
}

fn nobody() -> Letterhead {
    Letterhead { authority: String::new(), code: String::new(), facility: String::new(), department: String::new() }
}

/// With what Typst said: nothing of a patient was printed here.
fn said(error: &RenderError) -> String {
    match error {
        RenderError::Typeset { message, .. } => format!("{error}: {}", message.reveal()),
        other => other.to_string(),
    }
}
