//! Distinguished names: written for certificates, read for people.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519 as oid;
use der::asn1::{Any, PrintableStringRef, SetOfVec, Utf8StringRef};
use der::{Tag, Tagged};
use serde::{Deserialize, Serialize};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

pub(crate) const COMMON_NAME: ObjectIdentifier = oid::CN;
pub(crate) const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// Who a certificate is for. Vietnamese text keeps its diacritics (UTF8String).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Subject {
    /// The person's or the facility's name.
    pub common_name: String,
    /// The staff code.
    pub serial_number: Option<String>,
    /// The title (chức danh).
    pub title: Option<String>,
    /// The department.
    pub organizational_unit: Option<String>,
    /// The facility's name.
    pub organization: Option<String>,
    /// The facility's code; only on its seal.
    pub organization_identifier: Option<String>,
}

impl Subject {
    /// Only a common name.
    pub fn named(common_name: &str) -> Self {
        Self { common_name: common_name.to_owned(), ..Self::default() }
    }

    /// The X.501 name, country first.
    pub(crate) fn to_name(&self) -> der::Result<Name> {
        let mut parts = vec![(oid::C, Any::from(PrintableStringRef::new("VN")?))];
        let mut text = |id, value: Option<&str>| -> der::Result<()> {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                parts.push((id, Any::from(Utf8StringRef::new(value)?)));
            }
            Ok(())
        };
        text(oid::O, self.organization.as_deref())?;
        text(ORGANIZATION_IDENTIFIER, self.organization_identifier.as_deref())?;
        text(oid::OU, self.organizational_unit.as_deref())?;
        text(oid::TITLE, self.title.as_deref())?;
        text(COMMON_NAME, Some(&self.common_name))?;
        if let Some(serial) = self.serial_number.as_deref().filter(|value| !value.is_empty()) {
            // X.520 makes serialNumber a PrintableString; a staff code outside of it is still kept.
            let value = match PrintableStringRef::new(serial) {
                Ok(printable) => Any::from(printable),
                Err(_) => Any::from(Utf8StringRef::new(serial)?),
            };
            parts.push((oid::SERIAL_NUMBER, value));
        }
        let rdns = parts.into_iter().map(|(oid, value)| {
            SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }]).map(RelativeDistinguishedName)
        });
        Ok(RdnSequence(rdns.collect::<der::Result<Vec<_>>>()?))
    }
}

/// `CN=…, OU=…, O=…`, most specific part first.
pub(crate) fn display(name: &Name) -> String {
    let parts = name.0.iter().rev().flat_map(|rdn| rdn.0.iter());
    let shown: Vec<String> = parts.map(|part| format!("{}={}", label(part.oid), text(&part.value))).collect();
    shown.join(", ")
}

/// The first value of one attribute.
pub(crate) fn part(name: &Name, attribute: ObjectIdentifier) -> Option<String> {
    name.0.iter().flat_map(|rdn| rdn.0.iter()).find(|part| part.oid == attribute).map(|part| text(&part.value))
}

fn label(id: ObjectIdentifier) -> String {
    match id {
        COMMON_NAME => "CN".into(),
        oid::OU => "OU".into(),
        oid::O => "O".into(),
        oid::C => "C".into(),
        oid::L => "L".into(),
        oid::ST => "ST".into(),
        oid::TITLE => "title".into(),
        oid::SERIAL_NUMBER => "serialNumber".into(),
        oid::UID => "UID".into(),
        ORGANIZATION_IDENTIFIER => "organizationIdentifier".into(),
        other => other.to_string(),
    }
}

/// The text of a directory string; control characters are dropped, for it ends in reports.
fn text(value: &Any) -> String {
    let bytes = value.value();
    let decoded = match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => String::from_utf8_lossy(bytes).into_owned(),
        Tag::BmpString => {
            let units = bytes.chunks(2).map(|pair| pair.iter().fold(0_u16, |sum, b| (sum << 8) | u16::from(*b)));
            char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
        }
        Tag::TeletexString => bytes.iter().map(|b| char::from(*b)).collect(),
        _ => format!("#{}", hex::encode(bytes)),
    };
    decoded.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_diacritics() {
        let subject = Subject {
            serial_number: Some("NV-0042".into()),
            organizational_unit: Some("Khoa Nội tổng hợp".into()),
            organization: Some("Bệnh viện Đa khoa huyện Bến Hàn".into()),
            ..Subject::named("Nguyễn Thị Hương")
        };
        let name = subject.to_name().unwrap();
        let text = display(&name);
        assert_eq!(
            text,
            "serialNumber=NV-0042, CN=Nguyễn Thị Hương, OU=Khoa Nội tổng hợp, O=Bệnh viện Đa khoa huyện Bến Hàn, C=VN"
        );
        assert_eq!(part(&name, COMMON_NAME).as_deref(), Some("Nguyễn Thị Hương"));
    }
}
