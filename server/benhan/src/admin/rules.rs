//! `benhan rules`: the annex to a hospital's rules (phụ lục quy chế hồ sơ bệnh án điện tử, Circular 13/2025 Art. 6.3), written
//! from the program as it is set, so that what is issued on paper is what the program does.

use super::dossier::decisions;
use super::policy::{cells, roles};
use crate::cli::Place;
use crate::config::{self, Config};
use crate::own_forms;
use crate::say;
use anyhow::{Context, ensure};
use benhan_domain::access::{DoctorsReach, Role};
use benhan_domain::form::{FormDefinition, Needed, Signatory, SignatureSlot};
use benhan_domain::record::RetentionClass;
use benhan_domain::time::Instant;
use benhan_domain::update_limit::{EXTENDED_HOURS, PLAIN_HOURS};
use benhan_render::Renderer;
use benhan_server::app::policy;
use benhan_store::{Db, places};
use serde_json::{Value, json};
use std::path::PathBuf;

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
    let renderer = own_forms::renderer(&args.place.data_dir.join(own_forms::FOLDER))?;
    let now = jiff::Timestamp::now();
    let composed = now.to_zoned(benhan_domain::time::vietnam()).strftime("%H:%M %d/%m/%Y").to_string();
    let facts = |listed: Vec<(String, String)>| -> Vec<Value> {
        listed.into_iter().map(|(label, value)| json!({ "label": label, "value": value })).collect()
    };
    let abbreviations = renderer.abbreviations().iter().map(|(short, long)| (short.to_owned(), long.to_owned()));
    let values = json!({
        "letterhead": { "authority": facility.authority, "facility": facility.name, "department": "" },
        "document": { "id": format!("QC-{}-{}", facility.code, now.strftime("%Y%m%dT%H%M%SZ")), "version": 1 },
        "composed": composed,
        "decisions": facts(decisions(&mut conn)?),
        "writing": facts(writing(&config)),
        "forms": forms(&renderer, Instant(now.as_microsecond())),
        "mending": facts(mending()),
        "legend": "khoa: các khoa của người đó; viện: toàn bệnh viện; cho: hồ sơ được cho đọc theo yêu cầu; -: không có \
                   quyền. Dấu *: với hồ sơ hạn chế xem, chỉ người được giao.",
        "roles": roles(),
        "rights": policy::lines(config.access.doctors).iter().map(cells).collect::<Vec<_>>(),
        "access": facts(access(&config)),
        "keeping": facts(keeping(&config)),
        "abbreviations": facts(abbreviations.collect()),
    });
    let pdf = renderer.render("quy-che-ho-so", &values, &[], now.as_microsecond())?;
    std::fs::write(&args.out, &pdf.bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    say::line(&format!("{}: {} pages; issue it with the hospital's decision", args.out.display(), pdf.pages));
    Ok(())
}

fn fact(label: &str, value: impl Into<String>) -> (String, String) {
    (label.to_owned(), value.into())
}

fn writing(config: &Config) -> Vec<(String, String)> {
    vec![
        fact(
            "Hạn ghi",
            format!(
                "{PLAIN_HOURS} giờ từ lúc thực hiện; {EXTENDED_HOURS} giờ khi có sự cố công nghệ thông tin đã khai báo của khoa hoặc bệnh viện"
            ),
        ),
        fact("Ghi quá hạn", "vẫn ghi được, mang dấu ghi muộn không xóa được, nằm trong báo cáo ghi muộn"),
        fact(
            "Số của máy theo dõi",
            format!("là đề xuất, thành số liệu khi điều dưỡng nhận trong {} phút", config.server.accept_within_minutes),
        ),
        fact("Kết quả máy xét nghiệm", "vào hồ sơ khi kỹ thuật viên đã duyệt"),
        fact("Khi mất hệ thống", "ghi giấy theo bộ hồ sơ dự phòng của khoa, nhập lại sau kèm bản quét"),
        fact(
            "Khi kết thúc hồ sơ",
            "mọi phiếu bắt buộc, mục bắt buộc và chữ ký phải đủ; phần thiếu được nêu kèm người phải làm",
        ),
    ]
}

/// Every form that somebody fills today, the bệnh án first.
fn forms(renderer: &Renderer, now: Instant) -> Vec<Value> {
    let day = now.day();
    let mut listed: Vec<&FormDefinition> =
        renderer.forms().iter().filter(|form| form.is_filled() && form.is_valid_on(day)).collect();
    listed.sort_by(|a, b| (a.kind, &a.number, &a.title).cmp(&(b.kind, &b.number, &b.title)));
    let shown = listed.into_iter().map(|form| {
        json!({
            "number": form.number, "title": form.title, "authors": named(&form.signing.authors),
            "slots": form.signing.slots.iter().map(slot).collect::<Vec<_>>(),
        })
    });
    shown.collect()
}

fn slot(of: &SignatureSlot) -> String {
    let by = match (of.who, of.roles.is_empty()) {
        (Signatory::Staff, false) => format!(" ({})", named(&of.roles)),
        (Signatory::Staff, true) => String::new(),
        (Signatory::Patient, _) => " (trước người làm chứng)".to_owned(),
        (Signatory::Department, _) => format!(" (con dấu số của khoa, phòng; {})", named(&of.roles)),
    };
    let when = match of.needed {
        Needed::Never => "",
        Needed::Close => ", trước khi kết thúc",
        Needed::Sign => ", khi ký phiếu",
    };
    format!("{}{by}{when}", of.label)
}

fn named(roles: &[Role]) -> String {
    roles.iter().map(|role| role.vietnamese()).collect::<Vec<_>>().join(", ")
}

fn mending() -> Vec<(String, String)> {
    vec![
        fact("Sửa", "là một phiên bản mới có lý do; phiên bản cũ và chữ ký của nó vẫn xem được"),
        fact("Hủy", "nội dung ghi nhầm được rút, vẫn nằm trong lịch sử với lý do; không xóa"),
        fact("Khôi phục", "nội dung đã rút được đưa lại bằng một phiên bản mới, có lý do"),
        fact("Ai sửa", "người đã ghi, kể cả khi người bệnh đã chuyển khoa; người có quyền ở khoa đang điều trị"),
        fact(
            "Hồ sơ đã kết thúc",
            "phòng hồ sơ mở lại có lý do trước khi lưu trữ; sau khi lưu trữ chỉ có bổ sung được niêm phong riêng",
        ),
    ]
}

fn access(config: &Config) -> Vec<(String, String)> {
    let of = &config.server;
    vec![
        fact("Tự khóa màn hình", format!("sau {} giây không thao tác", of.lock_after_seconds)),
        fact("Một phiên làm việc", format!("dài nhất {} giờ", of.session_hours)),
        fact(
            "Mật khẩu",
            format!(
                "từ {} ký tự, {} loại ký tự, khác {} mật khẩu trước, đổi sau {} ngày ({} ngày với quản trị viên)",
                of.password_least,
                of.password_groups,
                of.password_history,
                of.password_days,
                of.password_days_administrator
            ),
        ),
        fact(
            "Nhập sai",
            format!(
                "{} lần thì chờ {} phút; sai mã PIN {} lần thì phải đăng nhập lại",
                of.login_tries, of.login_wait_minutes, of.pin_tries
            ),
        ),
        fact("Tài khoản không dùng", format!("tự đóng sau {} ngày", of.disable_after_days)),
        fact(
            "Bác sĩ xem hồ sơ",
            match config.access.doctors {
                DoctorsReach::WholeHouse => "của toàn bệnh viện, trừ hồ sơ hạn chế xem",
                DoctorsReach::OwnPatients => {
                    "của khoa mình, khoa đang trực, và người bệnh mà mình có tên điều trị hoặc hội chẩn"
                }
            },
        ),
        fact(
            "Truy cập khẩn cấp",
            format!(
                "{} phút, có lý do, chỉ đọc, được kiểm soát viên xem xét trong 3 ngày làm việc",
                of.emergency_minutes
            ),
        ),
        fact(
            "Người ngoài",
            "đọc, sao chép theo yêu cầu bằng văn bản được người đứng đầu đồng ý, trong thời hạn; mỗi lần có vết",
        ),
    ]
}

fn keeping(config: &Config) -> Vec<(String, String)> {
    let terms = RetentionClass::ALL.into_iter().map(|class| match config.retention.years(class) {
        Some(years) => format!("{} {years} năm", class.vietnamese()),
        None => format!("{} vĩnh viễn", class.vietnamese()),
    });
    let every = |n: i64, unit: &str| {
        if n == 0 { "chỉ khi có người làm".to_owned() } else { format!("mỗi {n} {unit}") }
    };
    vec![
        fact("Thời hạn lưu trữ", format!("{}; tính đến hết 31/12", terms.collect::<Vec<_>>().join("; "))),
        fact("Giữ theo yêu cầu pháp lý", "hồ sơ đang bị giữ không tiêu hủy được, dù hết thời hạn"),
        fact(
            "Tiêu hủy",
            "hai người: phòng hồ sơ lập danh mục, người đứng đầu duyệt; hủy khóa mã hóa, còn lại biên bản",
        ),
        fact("Sao lưu", every(config.backup.every_hours, "giờ")),
        fact("Diễn tập phục hồi", every(config.backup.drill_every_days, "ngày")),
    ]
}
