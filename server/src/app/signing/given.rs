//! A signature on its way into the record: by a certificate that is still good, under the signing rules that it names, and
//! waiting for the head of the hospital where the law wants that.

use super::{Pen, rules};
use crate::app::AppError;
use crate::app::certificates::still_good;
use crate::config::RegulationProfile;
use crate::state::App;
use benhan_domain::access::{Permit, SignRecord};
use benhan_domain::id::SignatureId;
use benhan_store::signatures::{self, NewSignature};
use benhan_store::{Tx, confirmations};

/// What somebody signed. `taken` is said when they signed it before.
pub(super) fn given(
    tx: &mut Tx<'_>,
    app: &App,
    pen: &Pen,
    permit: &Permit<SignRecord>,
    new: &NewSignature,
    taken: &'static str,
) -> Result<SignatureId, AppError> {
    still_good(tx.conn(), pen.row)?;
    let now = tx.now();
    rules::still(tx.conn(), app, now, pen.rules.as_ref())?;
    let given = signatures::add(tx, permit, new).map_err(|e| match e {
        e if e.is_taken("signature") => AppError::conflict("already-signed", taken),
        e => e.into(),
    })?;
    // Who signs by a certificate of a public authority signs lawfully alone (Circular 46/2018, Art. 13.1 and 13.2).
    if app.settings.regulation_profile == RegulationProfile::Both && app.trust.issued_here(&pen.certificate) {
        confirmations::await_one(tx, permit, given)?;
    }
    Ok(given)
}
