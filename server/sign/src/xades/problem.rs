//! Why a signed XML file is not judged any further.

use crate::finding::Severity;

/// What stands against an XML file or against the way its signature is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XmlProblem {
    /// A document type: entities and external files would come with it.
    DocumentType,
    /// An entity that XML itself does not have.
    Entity,
    /// A comment, which a signature does not cover.
    Comment,
    /// A processing instruction or a CDATA section.
    Instruction,
    /// Larger or deeper than any honest file.
    TooLarge,
    /// Not well-formed, or with characters that have no place in XML.
    Malformed,
    /// No signature in it.
    NotSigned,
    /// More than one.
    SignedTwice,
    /// The signature is not a child of the root.
    Moved,
    /// Two elements have one Id: what is signed would depend on who looks.
    IdTwice(String),
    /// A reference that does not take in the whole file, or a transform that can leave something out.
    Reference,
    /// The signature has not the form of XAdES.
    Structure,
    /// A certificate or list beside the signature is not by whoever it names.
    Evidence,
}

impl XmlProblem {
    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        match self {
            Self::IdTwice(_) | Self::Moved | Self::Structure => Severity::Tampered,
            Self::Evidence => Severity::Untrusted,
            _ => Severity::Unverifiable,
        }
    }

    /// A stable name for machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::DocumentType => "xml-doctype",
            Self::Entity => "xml-entity",
            Self::Comment => "xml-comment",
            Self::Instruction => "xml-instruction",
            Self::TooLarge => "xml-too-large",
            Self::Malformed => "xml-malformed",
            Self::NotSigned => "xml-not-signed",
            Self::SignedTwice => "xml-signed-twice",
            Self::Moved => "xml-signature-moved",
            Self::IdTwice(_) => "xml-id-twice",
            Self::Reference => "xml-reference",
            Self::Structure => "xml-signature-structure",
            Self::Evidence => "xml-evidence",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vietnamese(&self) -> String {
        match self {
            Self::DocumentType => {
                "Tệp XML khai báo kiểu tài liệu (DTD); không đọc, vì DTD có thể kéo tệp ngoài hoặc bung nội dung."
                    .into()
            }
            Self::Entity => "Tệp XML dùng thực thể lạ; không đọc.".into(),
            Self::Comment => "Tệp XML có chú thích, là phần mà chữ ký không bao phủ; không đọc.".into(),
            Self::Instruction => "Tệp XML có chỉ thị xử lý hoặc khối CDATA; không đọc.".into(),
            Self::TooLarge => "Tệp XML lớn hoặc lồng nhau quá mức cho phép; không đọc.".into(),
            Self::Malformed => "Tệp XML sai cú pháp, bị hỏng hoặc bị cắt.".into(),
            Self::NotSigned => "Tệp XML không có chữ ký số.".into(),
            Self::SignedTwice => "Tệp XML có nhiều chữ ký; phần mềm chỉ kiểm tra tệp có đúng một chữ ký.".into(),
            Self::Moved => "Chữ ký nằm sai chỗ trong tệp XML: chữ ký bị chuyển chỗ hoặc bị bọc lại.".into(),
            Self::IdTwice(id) => {
                format!("Có hai phần tử cùng mã «{id}»: không rõ chữ ký bao phủ phần tử nào.")
            }
            Self::Reference => {
                "Chữ ký không bao phủ trọn tệp XML, hoặc dùng phép biến đổi có thể bỏ sót nội dung (XPath, XSLT)."
                    .into()
            }
            Self::Structure => "Chữ ký trong tệp XML không đúng dạng XAdES.".into(),
            Self::Evidence => {
                "Chứng thư hoặc danh sách thu hồi kèm chữ ký bị hỏng, hoặc không phải do nơi được ghi tên cấp.".into()
            }
        }
    }

    /// The same in English.
    pub fn english(&self) -> String {
        match self {
            Self::DocumentType => {
                "The XML declares a document type (DTD); not read: it could fetch files or expand without end.".into()
            }
            Self::Entity => "The XML uses an unknown entity; not read.".into(),
            Self::Comment => "The XML has a comment, which no signature covers; not read.".into(),
            Self::Instruction => "The XML has a processing instruction or a CDATA section; not read.".into(),
            Self::TooLarge => "The XML is larger or deeper than is allowed; not read.".into(),
            Self::Malformed => "The XML is not well-formed, damaged or cut.".into(),
            Self::NotSigned => "The XML carries no digital signature.".into(),
            Self::SignedTwice => "The XML has several signatures; only files with one are checked here.".into(),
            Self::Moved => "The signature stands in the wrong place: it was moved or wrapped.".into(),
            Self::IdTwice(id) => format!("Two elements have the Id \"{id}\": what is signed is not certain."),
            Self::Reference => {
                "The signature does not cover the whole file, or uses a transform that can leave something out.".into()
            }
            Self::Structure => "The signature in the XML has not the form of XAdES.".into(),
            Self::Evidence => {
                "A certificate or list beside the signature is damaged, or not by whoever it names.".into()
            }
        }
    }
}
