//! `benhan export-all`: everything that the record holds, for the hospital itself or for whatever comes after this program
//! (bàn giao toàn bộ dữ liệu), with a dictionary of every table and column.
//!
//! What it says is open: nothing here is needed to read it. Secrets stay. Until the last rename the folder is none.

mod words;

use super::backup::{Out, below, private_folder, sha256, write_synced};
use super::plainly;
use super::progress::Shown;
use crate::cli::Place;
use crate::data_dir::DataDir;
use crate::{config, identity, own_forms};
use anyhow::{Context, ensure};
use benhan_domain::audit::Act;
use benhan_domain::text;
use benhan_pacs_bridge::write_plain;
use benhan_server::app::sealing::Sealer;
use benhan_server::app::trusting;
use benhan_store::places::{self, Facility};
use benhan_store::transfer::TransferError;
use benhan_store::transfer::handover::{self, Handed};
use benhan_store::{Db, DbUrl, Keyring, StoreError, dialect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const FORMAT: &str = "benhan-handover/1";
pub const INDEX: &str = "ban-giao.json";
pub const SUMS: &str = "SHA256SUMS";
/// Where what lies in the data folder goes.
pub const IMAGES: (&str, &str) = ("pacs/blobs", "anh");
pub const FOLDERS: [(&str, &str); 2] = [(own_forms::FOLDER, "bieu-mau"), ("trust", "tin-cay")];
pub const QUEUES: [(&str, &str); 2] = [("spool/spool.db", "khac/spool.db"), ("pacs/journal.db", "khac/journal.db")];

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The folder to write, which is not there yet
    #[arg(long)]
    to: PathBuf,
    /// On what ground everything is handed over; it stays on the audit trail
    #[arg(long)]
    ground: String,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// What a handover says of itself.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Index {
    pub format: String,
    pub facility: String,
    pub facility_name: String,
    pub made_at: String,
    pub program: String,
    /// The schema that the tables follow.
    pub schema: String,
    pub images: usize,
    #[serde(flatten)]
    pub handed: Handed,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    ensure!(!args.to.exists(), "{} is there already: give another --to", args.to.display());
    let ground = text::clean(&args.ground);
    ensure!((5..=500).contains(&ground.chars().count()), "--ground: on what ground, in 5 to 500 characters");
    let part = PathBuf::from(format!("{}.part", args.to.display()));
    let written = write(args, ground, &part);
    let (index, sealed) = match written {
        Ok(written) => written,
        Err(error) => {
            drop(fs::remove_dir_all(&part));
            return Err(error);
        }
    };
    fs::rename(&part, &args.to)?;
    let beside = args.to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(beside)?.sync_all()?;
    tell(args, &index, sealed);
    Ok(())
}

fn write(args: &Args, ground: String, part: &Path) -> anyhow::Result<(Index, bool)> {
    let settings = config::read(&args.place)?;
    let url = config::existing_database(&args.place, &settings)?;
    let dir = DataDir::existing(&args.place.data_dir)?;
    if part.exists() {
        fs::remove_dir_all(part).with_context(|| format!("cannot remove {}", part.display()))?;
    }
    private_folder(part).with_context(|| format!("cannot make {}", part.display()))?;
    super::wait(async {
        let db = super::open(&dir, url.clone())?;
        let facility = db.read::<_, StoreError, _>(places::facility).await?;
        let facility = facility.context("this record has no hospital: run benhan init first")?;
        // Before anything is read.
        super::note(&db, Act::Export, "everything", json!({ "ground": ground, "what": "everything" })).await?;
        let at = db.now();
        let index = tokio::task::block_in_place(|| fill(&dir, &url, &facility, part))?;
        let trust = Arc::new(identity::outward(&dir, identity::trust_as_it_stands(&dir, at.0)?, &settings)?);
        trusting::take_up(&db, &trust).await.map_err(plainly)?;
        let seal = identity::seal(&dir, &settings.holders(&args.place)?, &settings.seal_place(&args.place)?)?;
        let sums = sums(part)?;
        write_synced(&part.join(SUMS), sums.as_bytes())?;
        let sealed = seal.is_some();
        if let Some(key) = seal {
            let sealer = Sealer { key: Arc::new(key), trust, facility: facility.code };
            sealer.ready(at).await;
            let seal = sealer.seal(sums.as_bytes(), db.now()).map_err(plainly)?;
            write_synced(&part.join(format!("{SUMS}.p7s")), &seal)?;
        }
        db.close();
        Ok((index, sealed))
    })
}

fn fill(dir: &DataDir, url: &DbUrl, facility: &Facility, part: &Path) -> anyhow::Result<Index> {
    let out = Out::new(part, dir.root(), None)?;
    private_folder(&part.join("khac"))?;
    // As in a backup: the queues first, so that what is delivered meanwhile is in both, and the images last.
    for (from, to) in QUEUES {
        out.sqlite(&dir.path(from), to).with_context(|| from.to_owned())?;
    }
    let keys = dir.existing_record_keys()?;
    let mut conn = Db::reader_with(url, keys.clone())?;
    let (schema, dictionary) = (handover::schema(&mut conn)?, handover::meanings(&mut conn)?);
    let mut shown = Shown::default();
    let handed: Result<Handed, TransferError> = dialect::snapshot(&mut conn, |conn| {
        handover::give_out(conn, &keys, Some(part), &mut |progress| shown.tell("written", progress))
    });
    let handed = handed?;
    for (from, to) in FOLDERS {
        if dir.path(from).exists() {
            out.folder(&dir.path(from), to)?;
        }
    }
    let images = images(&dir.path(IMAGES.0), &keys, part)?;
    let index = Index {
        format: FORMAT.to_owned(),
        facility: facility.code.clone(),
        facility_name: facility.name.clone(),
        made_at: jiff::Timestamp::now().to_string(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        images,
        handed,
    };
    write_synced(&part.join(INDEX), &serde_json::to_vec_pretty(&index)?)?;
    write_synced(&part.join("tu-dien-du-lieu.json"), &serde_json::to_vec_pretty(&dictionary)?)?;
    write_synced(&part.join("tu-dien-du-lieu.md"), words::dictionary(&dictionary).as_bytes())?;
    write_synced(&part.join("README.md"), words::readme(&index).as_bytes())?;
    Ok(index)
}

fn images(blobs: &Path, keys: &Keyring, part: &Path) -> anyhow::Result<usize> {
    let found = below(blobs)?;
    for path in &found {
        let to = part.join(IMAGES.1).join(path);
        if let Some(folder) = to.parent() {
            private_folder(folder)?;
        }
        let mut plain = File::create(&to)?;
        write_plain(&blobs.join(path), keys, &mut plain).with_context(|| path.clone())?;
        plain.sync_all()?;
    }
    Ok(found.len())
}

/// As `sha256sum -c` reads it: every file as it lies there.
fn sums(part: &Path) -> anyhow::Result<String> {
    let mut lines = String::new();
    for path in below(part)? {
        lines.push_str(&format!("{}  {path}\n", sha256(&part.join(&path))?));
    }
    Ok(lines)
}

fn tell(args: &Args, index: &Index, sealed: bool) {
    let handed = &index.handed;
    let rows: u64 = handed.tables.iter().map(|sum| sum.rows).sum();
    let value = json!({ "folder": args.to, "sealed": sealed, "rows": rows, "index": index });
    let mut text = format!(
        "{}: {rows} rows of {} tables, {} sheets and scans, {} images\n\
         It is not encrypted: keep it as you would keep the records themselves.\n\
         Check it anywhere: cd {} && sha256sum -c {SUMS}",
        args.to.display(),
        handed.tables.len(),
        handed.files,
        index.images,
        args.to.display(),
    );
    if !sealed {
        text += "\nNot sealed: the hospital's seal is not in this data folder.";
    }
    if let Some(first) = handed.unreadable.first() {
        text += &format!(
            "\n{} could not be opened and are handed over as they are stored: {first} …",
            handed.unreadable.len()
        );
    }
    super::answer(args.json, &value, &text);
}
