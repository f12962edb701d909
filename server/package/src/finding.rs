//! What verification says about a package, in Vietnamese and English, and of which file.

use benhan_sign::archive::ArchiveProblem;
use benhan_sign::{Finding as SignFinding, Severity};
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Why a file is not opened at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Damaged,
    TooLarge,
    Bomb,
    NameTwice,
    UnsafeName,
    NotAFile,
    Encrypted,
    Packing,
    Hidden,
    NoManifest,
    OtherVersion,
    Exhausting,
}

impl Refusal {
    fn code(self) -> &'static str {
        match self {
            Self::Damaged => "zip-damaged",
            Self::TooLarge => "zip-too-large",
            Self::Bomb => "zip-bomb",
            Self::NameTwice => "name-twice",
            Self::UnsafeName => "unsafe-name",
            Self::NotAFile => "not-a-file",
            Self::Encrypted => "encrypted",
            Self::Packing => "other-packing",
            Self::Hidden => "hidden-data",
            Self::NoManifest => "no-manifest",
            Self::OtherVersion => "other-version",
            Self::Exhausting => "too-much-work",
        }
    }

    fn vietnamese(self) -> &'static str {
        match self {
            Self::Damaged => "Tệp ZIP bị hỏng, bị cắt hoặc bị nối thêm dữ liệu. Hãy xin lại gói từ cơ sở.",
            Self::TooLarge => "Gói lớn hơn hoặc nhiều tệp hơn mức cho phép; không mở.",
            Self::Bomb => "Tệp nén bung ra lớn bất thường (bom nén); không mở.",
            Self::NameTwice => "Trong gói có hai tệp trùng tên; không mở.",
            Self::UnsafeName => {
                "Trong gói có tên tệp không an toàn (đường dẫn tuyệt đối, «..» hoặc ký tự lạ); không mở."
            }
            Self::NotAFile => "Trong gói có liên kết hoặc thư mục, không phải tệp thường; không mở.",
            Self::Encrypted => "Trong gói có tệp bị mã hóa; không mở.",
            Self::Packing => "Trong gói có tệp nén theo cách không được hỗ trợ; không mở.",
            Self::Hidden => "Trong tệp ZIP có dữ liệu nằm ngoài danh mục; không mở.",
            Self::NoManifest => "Đây không phải gói hồ sơ bệnh án: thiếu manifest.json hoặc tệp này không đọc được.",
            Self::OtherVersion => "Gói theo phiên bản khác: hãy kiểm tra bằng chương trình mới hơn.",
            Self::Exhausting => "Gói dẫn tới cùng những tệp quá nhiều lần; dừng kiểm tra.",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Damaged => "The ZIP file is damaged, cut or has something appended. Ask the hospital for it again.",
            Self::TooLarge => "The package is larger, or has more files, than is allowed; not opened.",
            Self::Bomb => "A file unpacks to an implausible size (a zip bomb); not opened.",
            Self::NameTwice => "Two files in it have one name; not opened.",
            Self::UnsafeName => "A file in it has an unsafe name (absolute, with «..» or odd characters); not opened.",
            Self::NotAFile => "It holds a link or a folder instead of a plain file; not opened.",
            Self::Encrypted => "A file in it is encrypted; not opened.",
            Self::Packing => "A file in it is packed in a way that is not supported; not opened.",
            Self::Hidden => "The ZIP file holds data beside what it lists; not opened.",
            Self::NoManifest => "No record package: manifest.json is missing or cannot be read.",
            Self::OtherVersion => "The package has another version: check it with a newer program.",
            Self::Exhausting => "The package names the same files far too often; the check was ended.",
        }
    }
}

/// Something found about one file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    Refused(Refusal),
    /// Not the file that the manifest lists.
    Changed,
    Missing,
    /// Named twice in what the package says of its record.
    NamedTwice,
    /// In the package, not in the manifest.
    Unlisted,
    /// No seal over the manifest.
    Unsealed,
    /// Signed, but not by the facility's seal.
    NotTheSeal,
    /// What it should hold cannot be read.
    Unreadable,
    /// Of another patient or stay than the package, or not what its name says.
    OtherRecord,
    /// A signature, or what it is about, says otherwise.
    Signature(SignFinding),
    /// It confirms a signature that is not in the package, or another than the one that is there.
    ConfirmsAnother(String),
    /// The evidence beside a signature is not of its signer.
    EvidenceOfAnother,
    /// It names other signing rules than the package says, or none.
    OtherRules,
    /// A department's seal names another person than the package says, or none.
    OtherSealer,
    /// The facility did not trust the authority at that time, by its own list.
    NotTrustedThen,
    /// Archive stamps prove nothing, or nothing any more.
    Archive(ArchiveProblem),
    /// The file inside the PDF is not the one beside it.
    EmbeddedDiffers(String),
    /// A patient's evidence is not of the sheet in the package.
    OfOtherBytes,
    /// Nobody signed a patient's evidence.
    NoWitness,
    /// Somebody else signed it than it names.
    OtherWitness,
    /// Said to be drawn, and there is nothing that could be a signature.
    NoInk,
    /// Said to be confirmed by a code, and there is no number that it went to, or it came back too late.
    NoCode,
    /// A row's content does not have its hash.
    RowChanged,
    /// The way from the row does not lead to the signed root.
    NotInTree,
    /// No signed head covers the row yet.
    NotCovered,
    /// The trail does not say that this was signed.
    NotInTrail,
    /// It does not say what the bodies say, at this place.
    Underived(String),
}

/// A finding and the file, or the place in a file, that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub place: String,
    pub finding: Finding,
}

impl Finding {
    pub fn severity(&self) -> Severity {
        match self {
            Self::Refused(_) => Severity::Unverifiable,
            Self::Unsealed | Self::NotTheSeal | Self::NotTrustedThen => Severity::Untrusted,
            Self::Archive(problem) => problem.severity(),
            Self::NotCovered => Severity::Note,
            // A package of this version holds signatures that this program wrote: what it does not know was put there, or was
            // a time stamp.
            Self::Signature(SignFinding::UnknownAttribute(_)) => Severity::Tampered,
            Self::Signature(finding) => finding.severity(),
            _ => Severity::Tampered,
        }
    }

    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Changed => "file-changed",
            Self::Missing => "file-missing",
            Self::NamedTwice => "named-twice",
            Self::Unlisted => "file-unlisted",
            Self::Unsealed => "unsealed",
            Self::NotTheSeal => "not-the-seal",
            Self::Unreadable => "file-unreadable",
            Self::OtherRecord => "other-record",
            Self::Signature(finding) => finding.code(),
            Self::ConfirmsAnother(_) => "confirms-another",
            Self::EvidenceOfAnother => "evidence-of-another",
            Self::OtherRules => "other-rules",
            Self::OtherSealer => "other-sealer",
            Self::NotTrustedThen => "not-trusted-then",
            Self::Archive(problem) => problem.code(),
            Self::EmbeddedDiffers(_) => "embedded-differs",
            Self::OfOtherBytes => "of-other-bytes",
            Self::NoWitness => "no-witness",
            Self::OtherWitness => "other-witness",
            Self::NoInk => "no-ink",
            Self::NoCode => "no-code",
            Self::RowChanged => "row-changed",
            Self::NotInTree => "not-in-tree",
            Self::NotCovered => "not-covered",
            Self::NotInTrail => "not-in-trail",
            Self::Underived(_) => "underived",
        }
    }

    pub fn vietnamese(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.vietnamese().into(),
            Self::Changed => "Tệp đã bị thay đổi: mã băm hoặc kích thước khác với manifest.json.".into(),
            Self::Missing => "Tệp có trong manifest.json nhưng không có trong gói.".into(),
            Self::NamedTwice => "ho-so.json nêu tệp này hai lần.".into(),
            Self::Unlisted => "Tệp không có trong manifest.json: bị thêm vào sau.".into(),
            Self::Unsealed => "Gói chưa được đóng dấu số của cơ sở: chỉ tự khớp với chính nó.".into(),
            Self::NotTheSeal => "Không phải do con dấu số của cơ sở ký.".into(),
            Self::Unreadable => "Nội dung tệp không đọc được.".into(),
            Self::OtherRecord => "Nội dung thuộc người bệnh, đợt điều trị hoặc phiên bản khác.".into(),
            Self::Signature(finding) => finding.vietnamese(),
            Self::ConfirmsAnother(id) => {
                format!("Bảng xác nhận của người đứng đầu nêu chữ ký {id} khác với chữ ký trong gói.")
            }
            Self::EvidenceOfAnother => "Bằng chứng kèm theo không phải của người ký này.".into(),
            Self::OtherSealer => "Dấu của khoa không nêu đúng người đóng dấu mà gói ghi cho nó.".into(),
            Self::OtherRules => "Chữ ký không nêu đúng quy định ký số mà gói ghi cho nó.".into(),
            Self::NotTrustedThen => {
                "Lúc kiểm tra trước khi ký, tổ chức chứng thực này không có trong danh sách tin cậy của cơ sở.".into()
            }
            Self::Archive(problem) => problem.vietnamese(),
            Self::EmbeddedDiffers(name) => format!("Tệp «{name}» nhúng trong PDF khác với tệp cùng tên trong gói."),
            Self::OfOtherBytes => "Bằng chứng người bệnh ký không gắn với đúng nội dung phiếu trong gói.".into(),
            Self::NoWitness => "Bằng chứng người bệnh ký không có chữ ký số của người làm chứng.".into(),
            Self::OtherWitness => "Người ký số trên bằng chứng không phải người làm chứng ghi trong đó.".into(),
            Self::NoInk => "Bằng chứng ghi là ký tay nhưng không có nét ký.".into(),
            Self::NoCode => {
                "Bằng chứng ghi là xác nhận bằng mã nhưng không có số điện thoại nhận mã, hoặc mã trả lại quá hạn."
                    .into()
            }
            Self::RowChanged => "Nội dung dòng nhật ký đã bị thay đổi.".into(),
            Self::NotInTree => "Dòng nhật ký không thuộc cây băm mà cơ sở đã ký.".into(),
            Self::NotCovered => "Dòng nhật ký chưa được đầu chuỗi đã ký nào bao phủ.".into(),
            Self::NotInTrail => "Nhật ký không có dòng ghi việc ký này.".into(),
            Self::Underived(path) => format!("Giá trị tại «{path}» không khớp với dữ liệu gốc trong gói."),
        }
    }

    pub fn english(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.english().into(),
            Self::Changed => "The file was changed: its hash or size is not that of manifest.json.".into(),
            Self::Missing => "The file is in manifest.json but not in the package.".into(),
            Self::NamedTwice => "ho-so.json names this file twice.".into(),
            Self::Unlisted => "The file is not in manifest.json: it was added.".into(),
            Self::Unsealed => "The package has no seal of the facility: it agrees with itself alone.".into(),
            Self::NotTheSeal => "Not signed with the facility's seal.".into(),
            Self::Unreadable => "What the file holds cannot be read.".into(),
            Self::OtherRecord => "The content is of another patient, stay or version.".into(),
            Self::Signature(finding) => finding.english(),
            Self::ConfirmsAnother(id) => {
                format!("The head's confirmation lists a signature {id} that is not the one in the package.")
            }
            Self::EvidenceOfAnother => "The evidence beside it is not of this signer.".into(),
            Self::OtherSealer => {
                "The department's seal does not name the person who put it, as the package says.".into()
            }
            Self::OtherRules => "The signature does not name the signing rules that the package says.".into(),
            Self::NotTrustedThen => {
                "When it was checked before signing, this authority was not on the facility's list of trusted ones."
                    .into()
            }
            Self::Archive(problem) => problem.english(),
            Self::EmbeddedDiffers(name) => format!("The file \"{name}\" inside the PDF is not the one in the package."),
            Self::OfOtherBytes => "The patient's evidence is not of the sheet in the package.".into(),
            Self::NoWitness => "No witness signed the patient's evidence.".into(),
            Self::OtherWitness => "Somebody else signed the evidence than the witness it names.".into(),
            Self::NoInk => "The evidence says that it was drawn, and holds no signature.".into(),
            Self::NoCode => {
                "The evidence says that a code confirmed it, and names no phone that it went to, or it came back too late.".into()
            }
            Self::RowChanged => "The content of the audit row was changed.".into(),
            Self::NotInTree => "The audit row is not in the tree that the facility signed.".into(),
            Self::NotCovered => "No signed head covers the audit row yet.".into(),
            Self::NotInTrail => "The audit trail has no row of this signing.".into(),
            Self::Underived(path) => format!("The value at \"{path}\" is not what the package's data say."),
        }
    }
}

impl Serialize for Placed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 5)?;
        object.serialize_field("file", &self.place)?;
        object.serialize_field("code", self.finding.code())?;
        object.serialize_field("severity", &self.finding.severity())?;
        object.serialize_field("vi", &self.finding.vietnamese())?;
        object.serialize_field("en", &self.finding.english())?;
        object.end()
    }
}
