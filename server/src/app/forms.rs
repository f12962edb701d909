//! Forms of the record: opened from the record's own data, filled, amended by versions with a reason, withdrawn.
//! Signing one is in `app::signing`, because the key is opened there.

mod body;
mod closing;
mod filled;
mod prefill;
mod queue;

pub use body::{STANDS, WITHDRAWN, values_of};
pub use closing::open_at_close;
pub use filled::{current, entries, one, read, values_for, versions};
pub use queue::to_sign;

use super::charting::needed;
use super::lookups::{permit_on, permit_on_entry};
use super::{AppError, late, trail};
use crate::app::accounts::Caller;
use crate::app::error::{Kind, Refusal};
use crate::hub::Event;
use crate::state::App;
use crate::view_forms::{Expansion, FilledForm, FormRef};
use benhan_domain::access::{FillForm, Permit, ViewChart};
use benhan_domain::audit::Act;
use benhan_domain::form::values::{self, Fault, Values};
use benhan_domain::form::{Abbreviations, FormDefinition};
use benhan_domain::id::{DocumentId, EncounterId};
use benhan_domain::time::{Instant, MINUTE};
use benhan_domain::update_limit::EntryKind;
use benhan_store::dialect::hold;
use benhan_store::documents::{self, DocumentVersion, NewDocument};
use benhan_store::encounters::{self, Encounter};
use benhan_store::{Tx, signatures};
use body::Draft;
use serde_json::json;
use std::sync::Arc;

/// A sheet with more versions is no longer one sheet; the store reads 500 of one document.
const MOST_VERSIONS: i64 = 400;

/// Every form that is valid today, and the numbers of the act whose definition is still to come.
pub fn catalogue(app: &App, caller: &Caller) -> Vec<FormRef> {
    let today = app.db.now().day();
    let valid = app.renderer.forms().iter().filter(|form| form.is_filled() && form.is_valid_on(today));
    let ready = valid.map(|form| FormRef::of(form, form.may_fill(caller.actor.role)));
    ready.chain(app.renderer.to_come().map(FormRef::to_come)).collect()
}

/// The version with which a sheet was opened.
pub fn definition(app: &App, code: &str, version: i64) -> Result<FormDefinition, AppError> {
    let known = u32::try_from(version).ok().and_then(|version| app.renderer.version_of(code, version));
    known
        .filter(|form| form.is_filled())
        .cloned()
        .ok_or_else(|| AppError::not_found("mẫu phiếu này trong các mẫu của bệnh viện"))
}

/// What must be mended, by place, for the screen to mark.
pub fn refused(kind: Kind, code: &'static str, detail: &str, faults: Vec<Fault>) -> AppError {
    let fields = faults.into_iter().map(|fault| (fault.place, fault.sentence)).collect();
    AppError::Refused(Refusal { kind, code, detail: detail.to_owned(), fields, asked: None })
}

fn may_fill(form: &FormDefinition, caller: &Caller) -> Result<(), AppError> {
    if form.may_fill(caller.actor.role) {
        return Ok(());
    }
    Err(AppError::refused(
        Kind::Forbidden,
        "not-your-form",
        "Phiếu này do chức danh khác ghi: xem «Quyền ghi» của mẫu.",
    ))
}

fn not_to_come(at: Instant, now: Instant) -> Result<(), AppError> {
    if at.since(now) > 5 * MINUTE {
        return Err(AppError::invalid("effectiveAt", "Thời điểm của phiếu không thể ở tương lai"));
    }
    Ok(())
}

fn changed(tx: &mut Tx<'_>, app: &App, stay: &Encounter) {
    let (hub, ward, encounter) = (Arc::clone(&app.hub), stay.ward, stay.id);
    tx.after_commit(move || hub.publish(Event::Chart { ward, encounter, what: "forms" }));
}

/// Opens a form in a stay with what the record already knows.
pub async fn open(
    app: &App,
    caller: &Caller,
    stay: EncounterId,
    (code, at): (String, Instant),
    retry: Option<crate::idempotent::Key>,
) -> Result<FilledForm, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        if let Some(key) = &retry
            && let Some(earlier) = key.earlier(tx, caller.user.id)?
        {
            let id = earlier.parse().map_err(|_| AppError::Internal("a kept answer is no id".into()))?;
            return one(tx.conn(), &app2, &caller, id, Vec::new());
        }
        let form = app2.renderer.form(&code, at.day()).ok().filter(|form| form.is_filled());
        let form = form.ok_or_else(|| AppError::not_found("mẫu phiếu có hiệu lực ngày đó"))?;
        let permit = permit_on::<FillForm>(tx.conn(), &caller.actor, stay)?;
        may_fill(form, &caller)?;
        not_to_come(at, tx.now())?;
        let view = permit_on::<ViewChart>(tx.conn(), &caller.actor, stay)?;
        let stay = encounters::read(tx.conn(), &view, stay)?.ok_or_else(|| AppError::not_found("đợt điều trị"))?;
        if form.once {
            hold(tx.conn(), &format!("once {} {}", stay.id, form.code))?;
            let standing = documents::of_stay(tx.conn(), &view, Some(&form.code))?;
            if standing.iter().any(|of| of.status == body::STANDS) {
                let detail = "Phiếu này chỉ có một tờ trong đợt điều trị và đã được mở: mở tờ đó để ghi tiếp.";
                return Err(AppError::conflict("already-open", detail));
            }
        }
        let now = tx.now();
        let raw = prefill::values(tx.conn(), &caller, &stay, form, (at, now))?;
        // What the record offers may not fit the form (a weight out of its range): then nothing is offered there.
        let kept = values::read(form, &raw).or_else(|faults| values::read(form, &without(raw, &faults)));
        let kept =
            kept.map_err(|_| AppError::Internal(format!("form {}: its own first values do not fit", form.code)))?;
        let kept = tidy(form, kept.clone(), app2.renderer.abbreviations()).map_or(kept, |(written_out, _)| written_out);
        let document: DocumentId = tx.fresh();
        let draft =
            Draft { document, version: 1, status: body::STANDS, effective_at: at.0, reason: None, values: &kept };
        let first = body::compose(form, &stay, &caller, draft, tx.now())?;
        let head = NewDocument {
            document,
            encounter: stay.id,
            form_code: form.code.clone(),
            form_version: i64::from(form.version),
            title: form.title.clone(),
        };
        documents::open(tx, &permit, &head, &first)?;
        let mark = late::mark(tx, &permit, caller.user.id, &stay, (EntryKind::Form, document.to_string()), at)?;
        let detail = match mark {
            Some(mark) => json!({ "form": form.code, "late": mark }),
            None => json!({ "form": form.code }),
        };
        let subject = ("form", document.to_string());
        trail::on_chart(tx, Some(caller.user.id), Act::Create, subject, (stay.patient.id, stay.id), detail)?;
        if let Some(key) = &retry {
            key.keep(tx, caller.user.id, &document.to_string())?;
        }
        changed(tx, &app2, &stay);
        one(tx.conn(), &app2, &caller, document, Vec::new())
    });
    write.await
}

fn without(mut raw: Values, faults: &[Fault]) -> Values {
    for fault in faults {
        let field = fault.place.split('/').next().unwrap_or_default();
        raw.remove(field);
    }
    raw
}

/// What somebody saves: their words, and the version that they had before them.
pub struct Saved {
    pub seen: i64,
    pub effective_at: Option<Instant>,
    pub values: Values,
    /// Asked for once the sheet is signed.
    pub reason: Option<String>,
}

/// Makes the next version. Where the sheet leaves the house, abbreviations are written out, and which is answered.
pub async fn save(app: &App, caller: &Caller, document: DocumentId, saved: Saved) -> Result<FilledForm, AppError> {
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (of, stay, form, permit) = standing(tx, &app2, &caller, document, saved.seen)?;
        let at = saved.effective_at.unwrap_or(Instant(of.effective_at));
        not_to_come(at, tx.now())?;
        let (values, expanded) = tidy(&form, saved.values, app2.renderer.abbreviations())?;
        if at.0 == of.effective_at && values_for(&form, &of)? == values {
            return one(tx.conn(), &app2, &caller, document, expanded);
        }
        if of.version >= MOST_VERSIONS {
            return Err(AppError::conflict(
                "too-many-versions",
                "Phiếu đã sửa quá nhiều lần: hủy phiếu này và mở tờ mới.",
            ));
        }
        let view = permit_on_entry::<ViewChart>(tx.conn(), &caller.actor, stay.id, Some(of.author))?;
        let given = signatures::on(tx.conn(), &view, signatures::SubjectKind::Document, &[document.to_string()])?;
        // An amendment that nobody has signed yet keeps the reason for which it was begun.
        let reason = match given.iter().any(|s| s.subject_version == of.version) {
            true => Some(needed(&saved.reason.unwrap_or_default())?),
            false => of.reason.clone(),
        };
        let version = of.version.saturating_add(1);
        let draft = Draft { document, version, status: body::STANDS, effective_at: at.0, reason, values: &values };
        let next = body::compose(&form, &stay, &caller, draft, tx.now())?;
        if !documents::amend(tx, &permit, &of, &next)? {
            return Err(AppError::stale());
        }
        let mut detail = json!({ "version": version });
        // The first words of a hand count, not the empty sheet that was opened in time.
        let marked = !late::marks(tx.conn(), &view, EntryKind::Form, [(document, 0, i64::MAX)].into_iter())?.is_empty();
        if of.version == 1 && !marked {
            let entry = (EntryKind::Form, document.to_string());
            if let Some(mark) = late::mark(tx, &permit, caller.user.id, &stay, entry, at)? {
                detail = json!({ "version": version, "late": mark });
            }
        }
        let subject = ("form", document.to_string());
        trail::on_chart(tx, Some(caller.user.id), Act::Edit, subject, (stay.patient.id, stay.id), detail)?;
        changed(tx, &app2, &stay);
        one(tx.conn(), &app2, &caller, document, expanded)
    });
    write.await
}

/// Takes a sheet that was never true out of the record; it stays to be read, struck through.
pub async fn withdraw(
    app: &App,
    caller: &Caller,
    document: DocumentId,
    (seen, reason): (i64, String),
) -> Result<FilledForm, AppError> {
    let reason = needed(&reason)?;
    let (app2, caller) = (app.clone(), caller.clone());
    let write = app.db.write(move |tx| {
        let (of, stay, form, permit) = standing(tx, &app2, &caller, document, seen)?;
        let values = values_for(&form, &of)?;
        let version = of.version.saturating_add(1);
        let (status, effective_at) = (body::WITHDRAWN, of.effective_at);
        let draft = Draft { document, version, status, effective_at, reason: Some(reason), values: &values };
        let next = body::compose(&form, &stay, &caller, draft, tx.now())?;
        if !documents::amend(tx, &permit, &of, &next)? {
            return Err(AppError::stale());
        }
        let (subject, detail) = (("form", document.to_string()), json!({ "version": version }));
        trail::on_chart(tx, Some(caller.user.id), Act::Cancel, subject, (stay.patient.id, stay.id), detail)?;
        changed(tx, &app2, &stay);
        one(tx.conn(), &app2, &caller, document, Vec::new())
    });
    write.await
}

/// Nobody else saves or signs this sheet until the transaction ends. Taken after the permit: whoever closes a record waits
/// for its writers.
pub fn alone_with(tx: &mut Tx<'_>, document: DocumentId) -> Result<(), AppError> {
    Ok(hold(tx.conn(), &format!("sheet {document}"))?)
}

/// The version that stands, if it is the one that the caller has seen and they may write the next.
fn standing(
    tx: &mut Tx<'_>,
    app: &App,
    caller: &Caller,
    document: DocumentId,
    seen: i64,
) -> Result<(DocumentVersion, Encounter, FormDefinition, Permit<FillForm>), AppError> {
    let (stay, author) = documents::written_by(tx.conn(), document)?.ok_or_else(|| AppError::not_found("phiếu"))?;
    let permit = permit_on_entry::<FillForm>(tx.conn(), &caller.actor, stay, Some(author))?;
    alone_with(tx, document)?;
    let (of, stay, form) = filled::current(tx.conn(), app, caller, document)?;
    may_fill(&form, caller)?;
    if of.version != seen {
        return Err(AppError::stale());
    }
    if of.status != body::STANDS {
        return Err(AppError::conflict("not-standing", "Phiếu này đã bị hủy: mở tờ mới để ghi."));
    }
    Ok((of, stay, form, permit))
}

/// Values read against the form, with abbreviations written out on what leaves the house.
fn tidy(
    form: &FormDefinition,
    raw: Values,
    abbreviations: &Abbreviations,
) -> Result<(Values, Vec<Expansion>), AppError> {
    let wrong = |faults| refused(Kind::Invalid, "invalid", "Có mục ghi chưa đúng: sửa các mục được đánh dấu.", faults);
    let mut kept = values::read(form, &raw).map_err(wrong)?;
    let mut found: Vec<Expansion> = Vec::new();
    if form.leaves {
        values::map_texts(form, &mut kept, &mut |text| {
            let out = abbreviations.expand(text);
            for (short, long) in out.found {
                if found.iter().all(|known| known.short != short) {
                    found.push(Expansion { short, long });
                }
            }
            out.text
        });
        // Longer words must still fit.
        kept = values::read(form, &kept).map_err(wrong)?;
    }
    Ok((kept, found))
}
