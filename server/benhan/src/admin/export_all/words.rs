//! What a handover says to whoever opens it.

use super::{INDEX, Index, SUMS};
use benhan_store::transfer::handover::TableMeaning;

pub fn readme(index: &Index) -> String {
    let handed = &index.handed;
    let mut text = format!(
        "# Bàn giao toàn bộ dữ liệu hồ sơ bệnh án điện tử\n\n\
         {name} (mã {code}), lập lúc {at}, Benhan {program}, lược đồ {schema}.\n\n\
         Dữ liệu trong thư mục này **không mã hóa**: giữ như giữ chính hồ sơ bệnh án.\n\n\
         | thư mục, tệp | nội dung |\n|---|---|\n\
         | `bang/*.jsonl` | mỗi bảng một tệp, mỗi dòng một bản ghi (JSON, UTF-8), {tables} bảng |\n\
         | `tep/` | {files} phiếu PDF đã ký và bản quét, tên tệp là SHA-256 của nội dung |\n\
         | `anh/` | {images} tệp ảnh DICOM, đúng như máy đã gửi |\n\
         | `bieu-mau/` | mẫu phiếu riêng của cơ sở |\n\
         | `tin-cay/` | chứng thư gốc và danh sách thu hồi, để kiểm tra chữ ký |\n\
         | `khac/` | bản tin thiết bị và ảnh chưa vào hồ sơ (SQLite) |\n\
         | `tu-dien-du-lieu.md`, `.json` | nghĩa của từng bảng, từng cột |\n\
         | `{INDEX}` | số dòng và SHA-256 của từng bảng |\n\
         | `{SUMS}`, `{SUMS}.p7s` | SHA-256 của mọi tệp, và con dấu số của cơ sở trên đó |\n\n\
         ## Đọc\n\n\
         - Thời điểm (kiểu `instant`) là số micro giây từ 00:00 ngày 01/01/1970 UTC. Đúng, sai là 1, 0.\n\
         - `{{\"base64\": …}}` là dãy byte. Nội dung được mã hóa trong hồ sơ thì ở đây đã mở: `{{\"of\": đợt điều trị, \"text\": …}}`, \
           `\"base64\"` hoặc `\"file\"`; `\"destroyed\": true` là hồ sơ đã tiêu hủy, không còn gì để mở.\n\
         - Không bàn giao mật khẩu, mã PIN, khóa bí mật và phiên đăng nhập.\n\n\
         ## Kiểm tra\n\n\
         ```\nsha256sum -c {SUMS}\n\
         openssl cms -verify -binary -inform DER -in {SUMS}.p7s -content {SUMS} -CAfile tin-cay/ca.pem -purpose any -out /dev/null\n```\n\n\
         ## Nhập vào nơi khác\n\n\
         `benhan import-all THƯ-MỤC --into THƯ-MỤC-DỮ-LIỆU-MỚI [--database-url postgres://…]` đưa tất cả vào một cơ sở dữ liệu \
         trống, mã hóa bằng khóa mới, rồi so lại số dòng và SHA-256 của từng bảng.\n",
        name = index.facility_name,
        code = index.facility,
        at = index.made_at,
        program = index.program,
        schema = index.schema,
        tables = handed.tables.len(),
        files = handed.files,
        images = index.images,
    );
    if !handed.unreadable.is_empty() {
        text.push_str("\n## Không mở được\n\nBàn giao nguyên như đang lưu:\n\n");
        for row in &handed.unreadable {
            text.push_str(&format!("- {row}\n"));
        }
    }
    text
}

pub fn dictionary(tables: &[TableMeaning]) -> String {
    let mut text = "# Từ điển dữ liệu\n".to_owned();
    for table in tables {
        text.push_str(&format!("\n## {}\n\n{}", table.table, table.meaning));
        if let Some(why) = table.left_out {
            text.push_str(&format!("\n\nKhông bàn giao: {why}.\n"));
            continue;
        }
        text.push_str(&format!(". Khóa: {}.\n\n| cột | kiểu | nghĩa |\n|---|---|---|\n", table.key.join(", ")));
        for column in &table.columns {
            let more = match (column.sealed, column.withheld) {
                (_, true) => " (bí mật, không bàn giao)",
                (true, _) => " (đã mở)",
                _ => "",
            };
            text.push_str(&format!("| {} | {} | {}{more} |\n", column.column, column.kind, column.meaning));
        }
    }
    text
}
