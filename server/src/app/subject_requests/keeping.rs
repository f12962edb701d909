//! Why a record is not deleted on request: the law wants it kept until a day (Law 91/2025/QH15 allows the refusal).

use crate::app::AppError;
use benhan_domain::access::{ViewChart, system};
use benhan_domain::id::EncounterId;
use benhan_domain::record::KeptUntil;
use benhan_domain::time::Instant;
use benhan_store::{Conn, encounters, records};

/// The sentence to say to who asked; none where nothing is to be kept, or the request is about something else.
pub fn must_keep(conn: &mut Conn, stay: Option<EncounterId>, now: Instant) -> Result<Option<String>, AppError> {
    let Some(stay) = stay else { return Ok(None) };
    let view = system::<ViewChart>(stay);
    let Some(of) = encounters::read(conn, &view, stay)? else { return Ok(None) };
    let standing = records::standing(conn, &view)?;
    let until = match standing.kept_until {
        Some(KeptUntil::EndOf(year)) if now.day().year() > year => return Ok(None),
        Some(KeptUntil::EndOf(year)) => format!("phải lưu trữ đến hết ngày 31/12/{year}"),
        Some(KeptUntil::Forever) => "phải lưu trữ vĩnh viễn".to_owned(),
        None if standing.state.takes_entries().is_ok() => {
            "đang lập; thời hạn lưu trữ tính từ khi kết thúc hồ sơ".to_owned()
        }
        // Destroyed: nothing is left to delete.
        None => return Ok(None),
    };
    Ok(Some(format!(
        "Không xóa được: hồ sơ {} {until}, theo Luật Khám bệnh, chữa bệnh 15/2023/QH15 Điều 69 và Thông tư \
         33/2025/TT-BYT; Luật 91/2025/QH15 cho phép từ chối xóa khi luật khác buộc lưu giữ.",
        of.number
    )))
}
