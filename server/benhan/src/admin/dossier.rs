//! `benhan dossier`: hồ sơ tự đánh giá, with which a hospital announces its electronic record. Two halves: what the
//! program meets of the law (the matrix that the tests prove), and what this hospital has (read from its record).

use super::backup::schedule::finished;
use super::drill::filed::last;
use crate::cli::Place;
use crate::config::{self, Config};
use crate::own_forms;
use crate::say;
use anyhow::{Context, ensure};
use benhan_domain::time::Instant;
use benhan_store::places::Facility;
use benhan_store::{Conn, Db, DbUrl, backup, house_decisions, places, users};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Made by `make compliance`.
const MATRIX: &str = include_str!("../../../../docs/compliance/matrix.json");
const MOST_USERS: i64 = 10_000;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The PDF to write; one that is there stays
    #[arg(long)]
    out: PathBuf,
}

pub fn run(args: &Args) -> anyhow::Result<()> {
    ensure!(!args.out.exists(), "{} is there already: give another --out", args.out.display());
    let config = config::read(&args.place)?;
    let url = config::existing_database(&args.place, &config)?;
    let mut conn = Db::reader(&url)?;
    let facility = places::facility(&mut conn)?.context("this record has no hospital: run benhan init first")?;
    let now = jiff::Timestamp::now();
    let composed = now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).strftime("%H:%M %d/%m/%Y").to_string();
    let texts: Value = serde_json::from_str(MATRIX)?;
    let values = json!({
        "letterhead": { "authority": facility.authority, "facility": facility.name, "department": "" },
        "document": { "id": format!("TDG-{}-{}", facility.code, now.strftime("%Y%m%dT%H%M%SZ")), "version": 1 },
        "composed": composed,
        "facts": facts(&mut conn, &url, (args, &config), &facility)?,
        "texts": texts,
    });
    let pdf = own_forms::renderer(&args.place.data_dir.join(own_forms::FOLDER))?.render(
        "ho-so-tu-danh-gia",
        &values,
        &[],
        now.as_microsecond(),
    )?;
    std::fs::write(&args.out, &pdf.bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    say::line(&format!("{}: {} pages; sign it before it is filed", args.out.display(), pdf.pages));
    Ok(())
}

/// What an inspector asks first, from the record as it stands.
fn facts(
    conn: &mut Conn,
    url: &DbUrl,
    (args, config): (&Args, &Config),
    facility: &Facility,
) -> anyhow::Result<Vec<Value>> {
    let wards = places::wards(conn)?;
    let mut beds = 0;
    for ward in &wards {
        beds += places::beds(conn, ward.id)?.len();
    }
    let people = users::all(conn, MOST_USERS)?;
    let disabled = people.iter().filter(|user| user.disabled).count();
    let trail = backup::check_chains(conn)?;
    let database = match url {
        DbUrl::Sqlite(_) => "SQLite, trên máy chủ của cơ sở",
        DbUrl::Postgres(_) => "PostgreSQL",
    };
    let fact = |label: &str, value: String| json!({ "label": label, "value": value });
    Ok(vec![
        fact("Mã cơ sở khám bệnh, chữa bệnh", facility.code.clone()),
        fact("Buồng bệnh, giường", format!("{} đơn vị điều trị, {beds} giường", wards.len())),
        fact(
            "Tài khoản",
            format!("{} đang dùng, {disabled} đã khóa; mỗi người một tài khoản", people.len() - disabled),
        ),
        fact("Quyết định của cơ sở", decided(conn)?),
        fact("Phần mềm", format!("Benhan {}", env!("CARGO_PKG_VERSION"))),
        fact("Cơ sở dữ liệu", database.to_owned()),
        fact("Nhật ký truy vết", format!("{} dòng, chuỗi băm nguyên vẹn khi lập hồ sơ này", trail.audit_rows)),
        fact("Nơi giữ bản sao dự phòng", backups(config)?),
        fact("Diễn tập phục hồi gần nhất", drill(&args.place)),
    ])
}

/// What stands now, each with its number and date.
pub(super) fn decisions(conn: &mut Conn) -> anyhow::Result<Vec<(String, String)>> {
    let now = Instant::from(jiff::Timestamp::now());
    let standing = house_decisions::all(conn)?.into_iter().filter(|of| of.standing.holds(now));
    Ok(standing.map(|of| (of.kind.vietnamese().to_owned(), of.decision)).collect())
}

fn decided(conn: &mut Conn) -> anyhow::Result<String> {
    let said: Vec<String> = decisions(conn)?.into_iter().map(|(kind, said)| format!("{kind}: {said}")).collect();
    Ok(if said.is_empty() { "chưa nhập".to_owned() } else { said.join("; ") })
}

fn backups(config: &Config) -> anyhow::Result<String> {
    let target = &config.backup.target;
    if target.as_os_str().is_empty() {
        return Ok("chưa đặt".to_owned());
    }
    let last = finished(target)?.pop();
    let last = last.as_deref().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
    Ok(format!("{}; bản gần nhất: {}", target.display(), last.unwrap_or_else(|| "chưa có".to_owned())))
}

fn drill(place: &Place) -> String {
    let Some(report) = last(&place.data_dir) else { return "chưa có".to_owned() };
    let day = jiff::Timestamp::from_microsecond(report.begun_at).map(|at| at.strftime("%d/%m/%Y").to_string());
    let verdict = if report.held { "đạt" } else { "không đạt" };
    format!("{}: {verdict}, phục hồi trong {:.0} giây", day.unwrap_or_default(), report.rto_seconds)
}
