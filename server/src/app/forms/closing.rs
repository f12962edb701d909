//! What filled forms still lack when their record is to be closed.

use super::{STANDS, definition, values_for};
use crate::app::{AppError, notes};
use crate::state::App;
use benhan_domain::access::{Permit, ViewChart};
use benhan_domain::form::{FormDefinition, Needed, SignatureSlot, values};
use benhan_domain::id::DocumentId;
use benhan_domain::record::{Missing, Open};
use benhan_store::Conn;
use benhan_store::documents::{self, DocumentVersion};
use benhan_store::signed_sheets::{self, SignedSheet};

/// Sheets that somebody has signed and a second person has not, and those with words that are needed at the end. What
/// nobody has signed is told as any unsigned sheet is.
pub fn open_at_close(conn: &mut Conn, app: &App, permit: &Permit<ViewChart>) -> Result<Vec<Missing>, AppError> {
    let (mut standing, mut open): (Vec<(FormDefinition, DocumentVersion)>, Vec<Missing>) = Default::default();
    for of in documents::of_stay(conn, permit, None)?.into_iter().filter(|of| of.status == STANDS) {
        match definition(app, &of.form_code, of.form_version) {
            Ok(form) => standing.push((form, of)),
            Err(_) if of.form_code == notes::FORM => {}
            // What its form asks for cannot be known: the record waits until the definition is back.
            Err(_) => open.push(Missing { what: Open::UnfinishedSheet, by: Some(of.author), name: Some(of.title) }),
        }
    }
    let ids: Vec<DocumentId> = standing.iter().map(|(_, of)| of.document).collect();
    let sheets = signed_sheets::of_documents(conn, permit, &ids)?;
    for (form, of) in &standing {
        let missing = |what| Missing { what, by: Some(of.author), name: Some(of.title.clone()) };
        let waits = Waits::of(form, of, &sheets);
        if waits.staff {
            open.push(Missing { by: None, ..missing(Open::UnsignedSheet) });
        }
        if waits.patient {
            open.push(Missing { by: None, ..missing(Open::UnsignedByPatient) });
        }
        if !values::missing(form, &values_for(form, of)?, Needed::Close).is_empty() {
            open.push(missing(Open::UnfinishedSheet));
        }
    }
    Ok(open)
}

/// Begun, but not by everybody whose signature the form needs.
struct Waits {
    staff: bool,
    patient: bool,
}

impl Waits {
    fn of(form: &FormDefinition, of: &DocumentVersion, sheets: &[SignedSheet]) -> Self {
        let signed: Vec<&str> = sheets
            .iter()
            .filter(|sheet| sheet.document == of.document && sheet.version == of.version)
            .map(|sheet| sheet.slot.as_str())
            .collect();
        let lacks = |slot: &SignatureSlot| slot.needed != Needed::Never && !signed.contains(&slot.name.as_str());
        let begun = !signed.is_empty();
        let mut inside = form.staff_slots().chain(form.department_slots());
        Self { staff: begun && inside.any(lacks), patient: begun && form.patient_slots().any(lacks) }
    }
}
