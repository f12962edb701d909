//! `benhan device`: how a captured file is read, by the same code as a live line.

use crate::cli::Place;
use crate::{config, say};
use anyhow::Context;
use benhan_contract::{Comparator, Micros, Reading, ReadingValue};
use benhan_device_gateway::normalise::LARGEST_CAPTURE;
use benhan_device_gateway::profile::{Folder, Profile, shipped};
use benhan_device_gateway::{Capture, ReadMessage};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Subcommand)]
pub enum What {
    /// Show how a captured file is read: patient, specimen, values, and what is set aside and why
    #[command(after_help = "Example: benhan device read phien-may-huyet-hoc.bin --json
         benhan device read phien.bin --profile ban-nhap.toml
FILE holds what the device sent: HL7 (with or without MLLP), ASTM frames, or ASTM records. Exits 0 when it was read, 1 when
it holds no whole message, 2 when the command was used wrongly (no such profile).")]
    Read {
        file: PathBuf,
        /// Id of a profile, or a profile's file (.toml); without it the message's header decides, as it does live
        #[arg(long)]
        profile: Option<String>,
        /// Print what was read as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        place: Place,
    },
}

pub fn run(what: What) -> anyhow::Result<ExitCode> {
    let What::Read { file, profile, json, place } = what;
    let own = own_profiles(&place)?;
    let profile = match profile.map(|name| chosen(&name, &own)).transpose() {
        Ok(profile) => profile,
        Err(problem) => {
            say::error(&format!("benhan: {problem:#}"));
            return Ok(ExitCode::from(2));
        }
    };
    let bytes = capture(&file)?;
    let capture = Capture::read(&bytes, profile, own);
    let was_read = capture.messages.iter().any(|message| message.profile.is_some());
    let text = if was_read { table(&file, &capture) } else { unreadable(&file, &capture) };
    super::answer(json, &as_json(&file, &capture), &text);
    Ok(if was_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The hospital's own profiles, as the gateway would use them now.
pub fn own_profiles(place: &Place) -> anyhow::Result<Vec<Arc<Profile>>> {
    let config = config::read(place)?;
    let mut folder = Folder::new(config::path(place, &config.gateway.profiles));
    folder.look(0);
    for flaw in folder.flaws() {
        say::error(&format!("{}: {}", flaw.file, flaw.problem));
    }
    Ok(folder.profiles())
}

pub fn capture(file: &Path) -> anyhow::Result<Vec<u8>> {
    let size = std::fs::metadata(file).with_context(|| format!("không mở được {}", file.display()))?.len();
    let limit = u64::try_from(LARGEST_CAPTURE).unwrap_or(u64::MAX);
    anyhow::ensure!(size <= limit, "{}: quá lớn ({size} byte); cắt lấy một phiên dưới 64 MiB", file.display());
    std::fs::read(file).with_context(|| format!("không đọc được {}", file.display()))
}

fn chosen(name: &str, own: &[Arc<Profile>]) -> anyhow::Result<Arc<Profile>> {
    if Path::new(name).extension().is_some_and(|end| end == "toml") {
        let text = std::fs::read_to_string(name).with_context(|| format!("không đọc được {name}"))?;
        let profile =
            Profile::parse_among(&text, own).with_context(|| format!("{name}: chạy `benhan profile lint {name}`"))?;
        return Ok(Arc::new(profile));
    }
    let shipped = shipped().unwrap_or_default();
    let found = own.iter().chain(shipped).find(|profile| profile.id == name).map(Arc::clone);
    found.with_context(|| format!("không có hồ sơ máy «{name}»; `benhan profile list` liệt kê các hồ sơ"))
}

fn unreadable(file: &Path, capture: &Capture) -> String {
    let name = file.display();
    match capture.kind {
        "" => format!(
            "{name}: không phải phiên ghi của máy xét nghiệm hay máy theo dõi. Tệp phải chứa nguyên các byte máy gửi: HL7 (bắt đầu \
             bằng MSH) hoặc ASTM (bắt đầu bằng H| hoặc khung STX). Ghi lại phiên từ cổng mạng hoặc cổng nối tiếp rồi thử lại."
        ),
        _ => format!(
            "{name}: không có bản tin nào trọn vẹn. {} khung bị từ chối ({}), {} bản tin dở dang. Ghi lại phiên từ lúc máy bắt đầu \
             gửi đến lúc gửi xong.",
            capture.refused.len(),
            capture.refused.join(", "),
            capture.unfinished
        ),
    }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or(TimeZone::UTC)
}

/// RFC 3339 in Vietnam's time.
fn time(at: Option<Micros>) -> Option<String> {
    let at = Timestamp::from_microsecond(at?).ok()?;
    Some(at.to_zoned(zone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

fn as_json(file: &Path, capture: &Capture) -> Value {
    let messages: Vec<Value> =
        capture.messages.iter().zip(1..).map(|(message, at)| message_json(message, at)).collect();
    json!({
        "file": file.display().to_string(), "kind": capture.kind, "messages": messages,
        "refused": capture.refused, "unfinished": capture.unfinished,
    })
}

fn message_json(message: &ReadMessage, at: usize) -> Value {
    let delivery = &message.delivery;
    let profile = message.profile.as_ref().filter(|profile| !profile.id.is_empty());
    let readings = delivery.groups.iter().flat_map(|group| {
        group.readings.iter().map(|reading| reading_json(reading, &group.specimens, &group.service, profile))
    });
    json!({
        "number": at,
        "protocol": word(delivery.protocol),
        "type": delivery.message_type,
        "wasRead": message.profile.is_some(),
        "profile": profile.map(|profile| &profile.id),
        "profileVersion": profile.map(|profile| profile.version),
        "profileVerified": profile.map(|profile| profile.verified),
        "charset": message.charset_name(),
        "sender": {
            "application": delivery.sender.application, "facility": delivery.sender.facility,
            "equipment": delivery.sender.equipment,
        },
        "sentAt": time(delivery.message_at),
        "processing": word(delivery.processing),
        "controlId": delivery.control_id,
        "patient": delivery.patient.as_ref().map(|patient| json!({
            "ids": patient.ids, "name": patient.name, "birthDate": patient.birth_date, "sex": patient.sex,
        })),
        "location": delivery.location.as_ref().map(|place| json!({
            "unit": place.unit, "room": place.room, "bed": place.bed, "text": place.text,
        })),
        "readings": readings.collect::<Vec<_>>(),
        "setAside": delivery.set_aside.iter().map(|aside| json!({
            "code": aside.code, "value": aside.value, "why": aside.why,
        })).collect::<Vec<_>>(),
    })
}

fn reading_json(reading: &Reading, specimens: &[String], service: &str, profile: Option<&Arc<Profile>>) -> Value {
    let (kind, value, comparator) = match &reading.value {
        ReadingValue::Number { decimal, comparator } => ("number", decimal.clone(), comparator.map(sign)),
        ReadingValue::Text { text } => ("text", text.clone(), None),
        ReadingValue::Coded { code, .. } => ("coded", code.clone(), None),
    };
    let (text, system) = match &reading.value {
        ReadingValue::Coded { text, system, .. } => (Some(text), Some(system)),
        _ => (None, None),
    };
    let national = profile.and_then(|profile| profile.test(&reading.code)).map(|test| &test.national);
    json!({
        "specimens": specimens, "service": service, "code": reading.code, "name": reading.name, "system": reading.system,
        "loinc": reading.loinc, "national": national.filter(|code| !code.is_empty()), "channel": reading.channel,
        "kind": kind, "value": value, "comparator": comparator, "valueText": text, "valueSystem": system,
        "unit": reading.unit, "ucum": reading.ucum, "referenceRange": reading.reference_range, "flags": reading.flags,
        "status": word(reading.status), "at": time(reading.effective_at), "aperiodic": reading.aperiodic,
        "comments": reading.comments,
    })
}

fn table(file: &Path, capture: &Capture) -> String {
    let mut out = format!("{}: {} bản tin ({})\n", file.display(), capture.messages.len(), capture.kind);
    for (message, at) in capture.messages.iter().zip(1..) {
        // Writing to a String cannot fail.
        let _ = of_message(&mut out, message, at);
    }
    if !capture.refused.is_empty() || capture.unfinished > 0 {
        let _ = write!(
            out,
            "\nKhông nhận: {} khung ({}), {} bản tin dở dang\n",
            capture.refused.len(),
            capture.refused.join(", "),
            capture.unfinished
        );
    }
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn of_message(out: &mut String, message: &ReadMessage, at: usize) -> std::fmt::Result {
    let delivery = &message.delivery;
    let profile = match &message.profile {
        None => "không đọc được, chờ người xem".to_owned(),
        Some(profile) if profile.id.is_empty() => "chưa có hồ sơ cho máy này".to_owned(),
        Some(profile) => {
            let verified = if profile.verified { "" } else { ", chưa đối chiếu với máy" };
            format!("hồ sơ {} bản {}{verified}", profile.id, profile.version)
        }
    };
    writeln!(out, "\nBản tin {at}  {}  {profile}", delivery.message_type)?;
    let sender = &delivery.sender;
    let sent = time(delivery.message_at).unwrap_or_else(|| "–".to_owned());
    writeln!(out, "  Máy        {} {} {}", sender.application, sender.facility, sender.equipment)?;
    writeln!(out, "  Gửi lúc    {sent}  ({})", word(delivery.processing))?;
    if let Some(patient) = &delivery.patient {
        let (ids, sex) = (patient.ids.join(", "), &patient.sex);
        writeln!(out, "  Người bệnh {ids}  {}  {}  {sex}", patient.name, patient.birth_date)?;
    }
    if let Some(place) = &delivery.location {
        writeln!(out, "  Nơi nằm    {} {} {}", place.unit, place.room, place.bed)?;
    }
    for group in &delivery.groups {
        let specimens = if group.specimens.is_empty() { "–".to_owned() } else { group.specimens.join(", ") };
        writeln!(out, "  Mẫu        {specimens}")?;
        writeln!(
            out,
            "    {:<24} {:<9} {:>12} {:<12} {:<5} {:<11} Lúc",
            "Mã", "LOINC", "Giá trị", "Đơn vị", "Cờ", "Trạng thái"
        )?;
        for reading in &group.readings {
            row(out, reading)?;
        }
    }
    if !delivery.set_aside.is_empty() {
        writeln!(out, "  Để riêng")?;
    }
    for aside in &delivery.set_aside {
        writeln!(
            out,
            "    {:<24} {:<20} {}: {}",
            aside.code,
            one_line(&aside.value, 20),
            aside.why,
            reason(&aside.why)
        )?;
    }
    Ok(())
}

fn row(out: &mut String, reading: &Reading) -> std::fmt::Result {
    let value = match &reading.value {
        ReadingValue::Number { decimal, comparator } => format!("{}{decimal}", comparator.map_or("", sign)),
        ReadingValue::Text { text } => one_line(text, 40),
        ReadingValue::Coded { code, text, .. } => one_line(&format!("{code} {text}"), 40),
    };
    let unit = match (&reading.ucum, reading.unit.as_str()) {
        (Some(ucum), _) => ucum.clone(),
        (None, "") => "–".to_owned(),
        (None, unit) => format!("{unit} (?)"),
    };
    let channel = if reading.channel.is_empty() { String::new() } else { format!(" [{}]", reading.channel) };
    let name = if reading.name.is_empty() { String::new() } else { format!(" {}", reading.name) };
    let code = one_line(&format!("{}{name}{channel}", reading.code), 24);
    let (loinc, flags) = (reading.loinc.as_deref().unwrap_or("–"), reading.flags.join(","));
    let at = time(reading.effective_at).unwrap_or_else(|| "–".to_owned());
    writeln!(out, "    {code:<24} {loinc:<9} {value:>12} {unit:<12} {flags:<5} {:<11} {at}", word(reading.status))?;
    reading.comments.iter().try_for_each(|comment| writeln!(out, "        {}", one_line(comment, 100)))
}

/// What a device sent must not move the cursor of whoever looks.
fn one_line(text: &str, most: usize) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(most).collect()
}

/// As the contract spells it.
fn word(of: impl serde::Serialize) -> String {
    serde_json::to_value(of).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}

fn sign(comparator: Comparator) -> &'static str {
    match comparator {
        Comparator::Less => "<",
        Comparator::LessOrEqual => "<=",
        Comparator::Greater => ">",
        Comparator::GreaterOrEqual => ">=",
    }
}

fn reason(why: &str) -> &'static str {
    match why {
        "sentinel" => "chữ hoặc số máy dùng thay cho «không có kết quả»",
        "empty" => "không có giá trị",
        "demo" => "máy đang chạy thử hoặc ở chế độ trình diễn",
        "quality-control" => "mẫu nội kiểm",
        "calibration" => "mẫu chuẩn máy",
        "deleted" => "máy báo đã xoá hoặc sai",
        "not-final" => "máy báo không ra kết quả",
        "alert" => "báo động, không phải số đo",
        "attachment" => "hình hoặc biểu đồ, còn trong bản tin gốc",
        "waveform" => "đường sóng, còn trong bản tin gốc",
        "supplemental" => "số liệu phụ, không phải kết quả",
        "implausible" => "ngoài khoảng có thể có ở người sống",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: &str = "\u{b}MSH|^~\\&|BC-5380|Mindray|||20261130080000||ORU^R01|1|P|2.3.1\rPID|1||BN-7\rOBR|1||TUBE-7\r\
        OBX|1|NM|6690-2^WBC^LN||9.81|10*9/L|4-10|H|||F\rOBX|2|NM|718-7^HGB^LN||***|g/L|||||F\r\u{1c}\r";

    fn place(dir: &Path) -> Place {
        Place { data_dir: dir.to_owned(), config: None }
    }

    fn read(dir: &Path, file: &str, bytes: &[u8], profile: Option<&str>) -> anyhow::Result<ExitCode> {
        std::fs::write(dir.join(file), bytes)?;
        run(What::Read { file: dir.join(file), profile: profile.map(str::to_owned), json: true, place: place(dir) })
    }

    #[test]
    fn a_session_is_told_with_its_profile_specimen_values_and_what_was_set_aside() {
        let capture = Capture::read(SESSION.as_bytes(), None, Vec::new());
        let json = as_json(Path::new("phien.bin"), &capture);
        let at = |pointer: &str| json.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(at("/kind"), "mllp");
        assert_eq!(at("/messages/0/profile"), "mindray-bc-5380");
        assert_eq!(at("/messages/0/charset"), "utf-8");
        assert_eq!(at("/messages/0/patient/ids/0"), "BN-7");
        assert_eq!(at("/messages/0/sentAt"), "2026-11-30T08:00:00+07:00");
        assert_eq!(at("/messages/0/readings/0/specimens/0"), "TUBE-7");
        assert_eq!(at("/messages/0/readings/0/loinc"), "6690-2");
        assert_eq!(at("/messages/0/readings/0/value"), "9.81");
        assert_eq!(at("/messages/0/readings/0/status"), "final");
        assert_eq!(at("/messages/0/setAside/0/why"), "sentinel");
        let text = table(Path::new("phien.bin"), &capture);
        for part in ["hồ sơ mindray-bc-5380 bản 1, chưa đối chiếu", "TUBE-7", "9.81 10*9/L", "không có kết quả"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn it_ends_with_0_when_read_1_when_there_is_no_message_and_2_when_used_wrongly() {
        let dir = tempfile::tempdir().expect("a folder");
        let code = |file: &str, bytes: &[u8], profile| read(dir.path(), file, bytes, profile).expect("it answers");
        assert_eq!(code("a.bin", SESSION.as_bytes(), None), ExitCode::SUCCESS);
        assert_eq!(code("a.bin", SESSION.as_bytes(), Some("sysmex-xn")), ExitCode::SUCCESS);
        assert_eq!(code("b.csv", b"code;value\nWBC;5\n", None), ExitCode::FAILURE);
        assert_eq!(code("c.bin", b"\x0bMSH|^~\\&|half", None), ExitCode::FAILURE);
        assert_eq!(code("a.bin", SESSION.as_bytes(), Some("no-such")), ExitCode::from(2));
        let missing =
            What::Read { file: dir.path().join("none"), profile: None, json: false, place: place(dir.path()) };
        assert!(run(missing).expect_err("no file").to_string().contains("không mở được"));
        let told = unreadable(Path::new("b.csv"), &Capture::default());
        assert!(told.contains("không phải phiên ghi") && told.contains("thử lại"), "{told}");
    }

    #[test]
    fn the_hospitals_own_profile_reads_before_the_one_that_ships() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("profiles")).expect("a folder");
        let own = "id = \"mindray-bc-5380\"\ntitle = \"Máy của khoa\"\nversion = 7\nbased_on = \"mindray-bc-5380\"\napplication = [\"BC-5380\"]\n";
        std::fs::write(dir.path().join("profiles/own.toml"), own).expect("a file");
        let own = own_profiles(&place(dir.path())).expect("profiles");
        let capture = Capture::read(SESSION.as_bytes(), None, own);
        assert_eq!(capture.messages[0].profile.as_ref().map(|profile| profile.version), Some(7));
        assert_eq!(capture.messages[0].delivery.groups[0].readings[0].loinc.as_deref(), Some("6690-2"));
    }
}
