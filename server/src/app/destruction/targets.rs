//! A place of backups that is lost for good. Its copy of the keys will never be replaced, and what is being destroyed
//! would wait for it for ever.

use super::carrying_out::with_keys;
use crate::app::AppError;
use crate::app::accounts::operator::BY;
use crate::app::charting::needed;
use benhan_domain::audit::Act;
use benhan_store::audit::{self, Entry};
use benhan_store::{Db, Keyring};
use serde_json::json;

/// From the machine itself: who can tell that a medium is gone holds the keys to the server room. `folder` as it is known.
pub async fn forget_target(db: &Db, folder: &str, reason: &str) -> Result<(), AppError> {
    let (reason, folder) = (needed(reason)?, folder.to_owned());
    let known = with_keys(db, Keyring::targets).await?.into_iter().find(|target| target.folder == folder);
    let target = known.ok_or_else(|| AppError::not_found("nơi sao lưu"))?;
    if target.there {
        let detail =
            "Nơi sao lưu này còn nối và có bản sao kho khóa: việc tiêu hủy không phải chờ nó. Chỉ bỏ nơi đã mất hẳn.";
        return Err(AppError::conflict("target-there", detail));
    }
    let row = Entry {
        actor: None,
        act: Act::Cancel,
        subject_kind: "backup-target",
        subject_id: folder.clone(),
        patient: None,
        encounter: None,
        detail: json!({ "reason": reason, "copiedAt": target.copied_at, "by": BY }),
    };
    // The trail first: it is another database, and nothing may be forgotten that no row tells of.
    db.write::<_, AppError, _>(move |tx| Ok(audit::append(tx, row)?)).await?;
    with_keys(db, move |keys| keys.forget_target(&folder)).await.map(drop)
}
