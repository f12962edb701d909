//! What stored documents say: one report for each service, for a document may hold those of several patients.

use super::document::Element;
use super::splitter::{Found, Splitter};
use crate::decimal::Decimal;
use crate::device_clock::DeviceTime;
use crate::reading::{NotAValue, Reading, Remark, Reported, Value};

/// Reads stored documents. The device of a HEL holds for what comes after it.
#[must_use]
pub fn read(mut bytes: &[u8]) -> Vec<Reported> {
    let mut reports = Vec::new();
    let mut device = None;
    let mut splitter = Splitter::default();
    while let Some(found) = splitter.next(&mut bytes) {
        let Found::Document(document) = found else { continue };
        match Element::parse(&document) {
            Ok(root) if root.name == "HEL.R01" => device = name_of_device(&root).or(device),
            Ok(root) if root.name == "OBS.R01" || root.name == "OBS.R02" => {
                reports.extend(root.children("SVC").map(|service| read_service(&root.name, service, device.clone())));
            }
            Ok(_) => {}
            Err(_) => {
                let mut report = Reported { device: device.clone(), ..Reported::default() };
                report.set_aside("document", NotAValue::Malformed);
                reports.push(report);
            }
        }
    }
    reports
}

fn name_of_device(hello: &Element) -> Option<String> {
    let device = hello.child("DEV")?;
    let fields = ["DEV.vendor_id", "DEV.model_id", "DEV.serial_id"];
    let parts: Vec<_> = fields.iter().filter_map(|field| device.value(field)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn read_service(document: &str, service: &Element, device: Option<String>) -> Reported {
    let mut report = Reported { device, ..Reported::default() };
    if let Some((at, zone)) = service.value("SVC.observation_dttm").and_then(time) {
        (report.at, report.zone_minutes) = (Some(at), zone);
    }
    let field =
        |object: &str, name: &str| service.child(object).and_then(|object| object.value(name)).map(str::to_owned);
    // A meter that was given an order's number instead of a patient's writes this.
    report.patient = field("PT", "PT.patient_id").filter(|patient| patient != "UNKNOWN");
    report.specimen = field("ORD", "ORD.order_id");
    let role = service.value("SVC.role_cd").unwrap_or("OBS");
    let is_patient = document == "OBS.R01" && role == "OBS" && service.child("CTC").is_none();
    let holders = [service.child("PT"), service.child("CTC"), Some(service)];
    for observation in holders.into_iter().flatten().flat_map(|holder| holder.children("OBS")) {
        read_observation(observation, is_patient, &mut report);
    }
    for note in service.children("NTE").filter_map(|note| note.value("NTE.text")) {
        report.remarks.push(Remark { code: String::new(), text: note.to_owned() });
    }
    report
}

fn read_observation(observation: &Element, is_patient: bool, report: &mut Reported) {
    let id = observation.child("OBS.observation_id");
    let Some(code) = id.and_then(|id| id.attribute("V")) else {
        return report.set_aside("OBS", NotAValue::Malformed);
    };
    let system = id.and_then(|id| id.attribute("SN"));
    let code = system.map_or_else(|| code.to_owned(), |system| format!("{system}:{code}"));
    if !is_patient {
        return report.set_aside(code, NotAValue::Control);
    }
    if matches!(observation.value("OBS.status_cd"), Some("D" | "R")) {
        return report.set_aside(code, NotAValue::Rejected);
    }
    let quantity = observation.child("OBS.value");
    let text = quantity.and_then(|quantity| quantity.attribute("V"));
    let Some(text) = text.or_else(|| observation.value("OBS.qualitative_value")) else {
        return report.set_aside(code, NotAValue::Absent);
    };
    let number = Decimal::parse(text.as_bytes()).map(Value::Number);
    report.readings.push(Reading {
        code,
        channel: String::new(),
        metric: None,
        value: number.unwrap_or_else(|| Value::Text(text.to_owned())),
        unit: quantity.and_then(|quantity| quantity.attribute("U")).unwrap_or_default().to_owned().into(),
        flags: observation.value("OBS.interpretation_cd").map(str::to_owned).into_iter().collect(),
        questionable: false,
        spot: true,
        at: report.at,
    });
}

/// `2001-11-01T16:29:54.00-05:00`: the clock as shown, and minutes ahead of UTC.
fn time(text: &str) -> Option<(DeviceTime, Option<i16>)> {
    let (date, clock) = text.split_once('T')?;
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?.parse().ok()?, date.next()?.parse().ok()?, date.next()?.parse().ok()?);
    let (clock, zone) = match clock.find(['+', '-', 'Z']).and_then(|place| clock.split_at_checked(place)) {
        Some((clock, zone)) => (clock, zone_minutes(zone)),
        None => (clock, None),
    };
    let mut clock = clock.split(['.', ',']).next()?.split(':');
    let hour = clock.next()?.parse().ok()?;
    let minute = clock.next()?.parse().ok()?;
    let second = clock.next().map_or(Ok(0), str::parse).ok()?;
    Some((DeviceTime::new((year, month, day), (hour, minute, second), 0)?, zone))
}

fn zone_minutes(zone: &str) -> Option<i16> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = zone.split_once(':').or_else(|| zone.split_at_checked(2))?;
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let ahead = ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then(|| hours * 60 + minutes)?;
    Some(if sign == "-" { -ahead } else { ahead })
}
