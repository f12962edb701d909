//! Who signs on the patient's side of a sheet, and how (Circular 13/2025 Art. 3, Circular 46/2018 Art. 13): the patient, or
//! a representative of whom it is known who they are, by what paper, and why they stand for the patient.

mod drawing;
mod paper;
pub mod phone_code;

pub use drawing::{Drawing, NotASignature, Stroke};
pub use paper::{PageMark, PaperCode, ScanKind};
pub use phone_code::{Phone, PhoneCode};

use crate::text;
use serde::{Deserialize, Serialize};

words! {
    /// What the evidence is made of.
    Method {
        Stroke "stroke" "ký tay trên màn hình",
        Paper "paper" "ký trên bản giấy",
        PhoneCode "phone-code" "xác nhận bằng mã gửi đến điện thoại",
    }
    /// Of the representative to the patient.
    Relation {
        Spouse "spouse" "Vợ hoặc chồng",
        Parent "parent" "Cha hoặc mẹ",
        Child "child" "Con",
        Sibling "sibling" "Anh, chị, em ruột",
        Grandparent "grandparent" "Ông hoặc bà",
        Grandchild "grandchild" "Cháu",
        Guardian "guardian" "Người giám hộ",
        Authorised "authorised" "Người được ủy quyền",
        Other "other" "Người khác",
    }
    /// Why the patient does not sign.
    Ground {
        Minor "minor" "Người bệnh chưa thành niên",
        Incapable "incapable" "Người bệnh mất hoặc hạn chế năng lực hành vi dân sự",
        Unable "unable" "Người bệnh không tự ký được (hôn mê, không cử động được tay, không đọc được)",
        Chosen "chosen" "Người bệnh chọn người này làm đại diện",
    }
    IdPaper {
        CitizenCard "citizen-card" "Căn cước, căn cước công dân",
        Passport "passport" "Hộ chiếu",
        BirthCertificate "birth-certificate" "Giấy khai sinh",
        OtherPaper "other" "Giấy tờ khác",
    }
}

/// Somebody who signs for the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Representative {
    pub name: String,
    pub relation: Relation,
    pub ground: Ground,
    pub id_paper: IdPaper,
    pub id_number: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTheSigner {
    #[error("Ghi họ và tên người đại diện, từ 2 đến 120 ký tự")]
    NoName,
    #[error("Ghi số giấy tờ của người đại diện: 4 đến 32 chữ, số hoặc dấu gạch")]
    NoNumber,
    #[error("Người bệnh chưa đủ 18 tuổi: người đại diện ký thay, chọn «Người đại diện»")]
    MinorSigns,
    #[error("Người bệnh đã đủ 18 tuổi: chọn lý do khác để người đại diện ký")]
    NotAMinor,
}

impl NotTheSigner {
    /// The field that must be mended.
    pub fn place(self) -> &'static str {
        match self {
            Self::NoName => "representative/name",
            Self::NoNumber => "representative/idNumber",
            Self::MinorSigns => "representative",
            Self::NotAMinor => "representative/ground",
        }
    }
}

/// Whoever signs, as they are kept: nobody in the place of a minor, nobody for a minor's reason in the place of an adult.
/// `minor` is none where the birth date is not known: then the witness knows.
pub fn signer(
    representative: Option<Representative>,
    minor: Option<bool>,
) -> Result<Option<Representative>, NotTheSigner> {
    let Some(given) = representative else {
        return if minor == Some(true) { Err(NotTheSigner::MinorSigns) } else { Ok(None) };
    };
    if given.ground == Ground::Minor && minor == Some(false) {
        return Err(NotTheSigner::NotAMinor);
    }
    let name = text::clean(&given.name);
    if !(2..=120).contains(&name.chars().count()) {
        return Err(NotTheSigner::NoName);
    }
    let id_number: String = given.id_number.split_whitespace().collect();
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '.');
    if !(4..=32).contains(&id_number.chars().count()) || !id_number.chars().all(plain) {
        return Err(NotTheSigner::NoNumber);
    }
    Ok(Some(Representative { name, id_number, ..given }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mother() -> Representative {
        Representative {
            name: " Lê  Thị Mẹ ".into(),
            relation: Relation::Parent,
            ground: Ground::Minor,
            id_paper: IdPaper::CitizenCard,
            id_number: "0331 8800 1234".into(),
        }
    }

    // Clauses: C13-3
    #[test]
    fn a_minor_is_signed_for_and_an_adult_signs_or_says_why_not() {
        assert_eq!(signer(None, Some(true)), Err(NotTheSigner::MinorSigns));
        assert_eq!(signer(None, Some(false)), Ok(None));
        assert_eq!(signer(None, None), Ok(None), "the witness knows");
        let kept = signer(Some(mother()), Some(true)).expect("her mother").expect("somebody");
        assert_eq!((kept.name.as_str(), kept.id_number.as_str()), ("Lê Thị Mẹ", "033188001234"));
        assert_eq!(signer(Some(mother()), Some(false)), Err(NotTheSigner::NotAMinor));
        let chosen = Representative { ground: Ground::Chosen, ..mother() };
        assert!(signer(Some(chosen), Some(false)).is_ok());
    }

    #[test]
    fn a_representative_without_name_or_paper_is_nobody() {
        let of = |name: &str, number: &str| {
            let given = Representative { name: name.into(), id_number: number.into(), ..mother() };
            signer(Some(given), None).map(drop)
        };
        assert_eq!(of(" ", "033188001234"), Err(NotTheSigner::NoName));
        assert_eq!(of("Lê Thị Mẹ", "12"), Err(NotTheSigner::NoNumber));
        assert_eq!(of("Lê Thị Mẹ", "<script>"), Err(NotTheSigner::NoNumber));
    }

    #[test]
    fn words_and_codes_are_read_back() {
        for relation in Relation::ALL {
            assert_eq!(Relation::parse(relation.as_str()), Some(*relation));
            assert_eq!(serde_json::to_value(relation).expect("a text"), relation.as_str());
        }
    }
}
