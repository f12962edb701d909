//! One stay as a package that proves itself, for whoever is entitled to a copy: the patient, a court, an inspector,
//! another hospital (kết xuất hồ sơ bệnh án).
//!
//! Who asks and on what ground is on the trail before anything is read. Then the heads are sealed, so that the trail in
//! the package is proven up to this very act, and all of it is read as of one moment.

mod archive;
mod entries;
mod images;
mod pack;
mod signatures;
mod trail;

use super::lookups::permit_on;
use super::sealing::{Sealer, seal_heads};
use super::trail as audited;
use super::{AppError, error::Kind};
use crate::app::accounts::Caller;
use crate::state::App;
use benhan_domain::access::{self, ExportRecord, Permit, ViewChart, shown_after};
use benhan_domain::audit::Act;
use benhan_domain::id::{EncounterId, UserId};
use benhan_domain::text;
use benhan_store::places::Facility;
use benhan_store::{Conn, Db, dialect, encounters};
use serde_json::json;
use std::fs::File;

/// A nurse who charts while the heads are sealed puts a row after them: then they are sealed again, this often.
const TRIES: usize = 3;

/// What packing needs: the server has it, and so has a command beside the server.
#[derive(Clone)]
pub struct Desk {
    pub db: Db,
    pub facility: Facility,
    /// Without it the package is not sealed, and says so.
    pub sealer: Option<Sealer>,
}

impl Desk {
    pub fn of(app: &App) -> Self {
        Self { db: app.db.clone(), facility: (*app.facility).clone(), sealer: app.sealer() }
    }
}

/// What was packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Số vào viện.
    pub record: String,
    pub files: usize,
    pub sealed: bool,
    /// Rows of the trail that no signed head covers.
    pub uncovered: usize,
}

/// On what ground a copy is asked for: somebody will read it years later.
fn ground(text: &str) -> Result<String, AppError> {
    let ground = text::clean(text);
    match ground.chars().count() {
        5..=500 => Ok(ground),
        _ => Err(AppError::invalid("ground", "Ghi căn cứ kết xuất hồ sơ, từ 5 đến 500 ký tự")),
    }
}

/// By somebody of the record room, on a request that was granted. `into` is an empty file, read and written.
pub async fn for_person(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    why: &str,
    into: File,
) -> Result<(Packed, File), AppError> {
    let (why, actor, me) = (ground(why)?, caller.actor.clone(), caller.user.id);
    let may = app.db.read::<_, AppError, _>(move |conn| permit_on::<ExportRecord>(conn, &actor, stay).map(drop));
    may.await?;
    let actor = caller.actor.clone();
    let permit = move |conn: &mut Conn| permit_on::<ExportRecord>(conn, &actor, stay).map(|may| shown_after(&may));
    packed(Desk::of(app), stay, Some(me), &why, into, permit).await
}

/// For whoever has the machine that holds the record: they could copy the database.
pub async fn from_machine(desk: Desk, number: &str, why: &str, into: File) -> Result<(Packed, File), AppError> {
    let (why, number) = (ground(why)?, number.to_owned());
    let stay = desk.db.read::<_, AppError, _>(move |conn| Ok(encounters::by_number(conn, &number)?)).await?;
    let stay = stay.ok_or_else(|| AppError::not_found("đợt điều trị có số vào viện này"))?;
    packed(desk, stay, None, &why, into, move |_| Ok(access::system::<ViewChart>(stay))).await
}

async fn packed(
    desk: Desk,
    stay: EncounterId,
    who: Option<UserId>,
    why: &str,
    into: File,
    permit: impl Fn(&mut Conn) -> Result<Permit<ViewChart>, AppError> + Clone + Send + 'static,
) -> Result<(Packed, File), AppError> {
    // Packing reads for as long as the record is large: the other readers are the wards'.
    static ONE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);
    let busy =
        |_| AppError::refused(Kind::Busy, "packing", "Máy chủ đang lập một gói hồ sơ khác: thử lại sau ít phút.");
    let _turn = ONE.try_acquire().map_err(busy)?;
    let detail = json!({ "ground": why, "what": "record-package" });
    let noted = desk.db.write::<_, AppError, _>(move |tx| {
        let owner = encounters::owner(tx.conn(), stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        audited::on_chart(tx, who, Act::Export, ("encounter", stay.to_string()), (owner, stay), detail)
    });
    noted.await?;
    let mut tried = 0;
    loop {
        tried += 1;
        if let Some(sealer) = &desk.sealer {
            seal_heads(&desk.db, sealer).await?;
        }
        let (desk2, permit) = (desk.clone(), permit.clone());
        let again = into.try_clone().map_err(unwritten)?;
        let read = desk.db.read(move |conn| {
            dialect::snapshot(conn, |conn| {
                let permit = permit(conn)?;
                pack::pack(conn, &desk2, &permit, stay, again)
            })
        });
        let packed = read.await?;
        if packed.uncovered == 0 || desk.sealer.is_none() || tried == TRIES {
            metrics::counter!("benhan_record_exports_total").increment(1);
            return Ok((packed, into));
        }
    }
}

fn unwritten(error: std::io::Error) -> AppError {
    tracing::error!(%error, "a package could not be written");
    AppError::refused(Kind::Busy, "no-room", "Máy chủ chưa ghi được gói hồ sơ: báo quản trị kiểm tra ổ đĩa.")
}
