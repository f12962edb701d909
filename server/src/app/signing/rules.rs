//! Under which signing rules of the house somebody signs (quy định ký số: Circular 46/2018, Art. 13.3a). They are read before
//! the pen writes, because the signature names them, and once more in the transaction that keeps it.

use crate::app::AppError;
use crate::app::error::Kind;
use crate::state::App;
use benhan_domain::house_decision::DecisionKind;
use benhan_domain::time::Instant;
use benhan_sign::cms::SigningRules;
use benhan_store::Conn;
use benhan_store::house_decisions::{self, InForce};

/// None where the house has decided nothing, unless it wants rules.
pub(super) fn in_force(conn: &mut Conn, app: &App, now: Instant) -> Result<Option<InForce>, AppError> {
    let found = house_decisions::in_force(conn, DecisionKind::SigningRules, now)?;
    if found.is_none() && app.signing.require_rules {
        let detail = "Chưa có quy định ký số nào có hiệu lực nên chưa ký được: lãnh đạo bệnh viện ghi số và ngày của quy \
                      định vào «Quyết định của cơ sở», rồi ký lại.";
        return Err(AppError::refused(Kind::Conflict, "no-signing-rules", detail));
    }
    Ok(found)
}

/// What was signed names the rules that hold now.
pub(super) fn still(conn: &mut Conn, app: &App, now: Instant, named: Option<&InForce>) -> Result<(), AppError> {
    if in_force(conn, app, now)?.map(|of| of.id) != named.map(|of| of.id) {
        let detail = "Quy định ký số vừa thay đổi trong lúc ký: ký lại để chữ ký nêu đúng quy định.";
        return Err(AppError::conflict("rules-changed", detail));
    }
    Ok(())
}

/// As a signature states them.
pub(super) fn stated(of: &InForce) -> SigningRules {
    SigningRules { id: of.id.to_string(), decision: of.decision.clone() }
}
