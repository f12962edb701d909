//! Where everything lies in a package. Plain letters only: the names must come out alike on every system.

pub const README: &str = "README.md";
pub const MANIFEST: &str = "manifest.json";
pub const MANIFEST_SEAL: &str = "manifest.json.p7s";
pub const EXCHANGE_XML: &str = "HoSoBenhAn.xml";
pub const EXCHANGE_JSON: &str = "HoSoBenhAn.json";
pub const SUMMARY: &str = "TomTatHoSoBenhAn.xml";
pub const FACTS: &str = "ho-so.json";
pub const IMAGES: &str = "hinh-anh.json";
/// The archive stamps over the signatures.
pub const ARCHIVE: &str = "dau-thoi-gian-luu-tru.json";
/// Whom the facility trusted to certify, and when.
pub const TRUST: &str = "tin-cay.json";
pub const TRAIL: &str = "nhat-ky/dong.jsonl";

const LONGEST: usize = 160;

/// The file of a set, as it is also named inside the PDF that shows it.
pub fn vital_signs(set: &str, version: i64) -> String {
    format!("du-lieu/sinh-hieu-{set}-v{version}.json")
}

/// The file of a note or form, as it is also named inside the PDF that shows it.
pub fn document(id: &str, version: i64) -> String {
    format!("du-lieu/phieu-{id}-v{version}.json")
}

/// What a patient or representative gave when they signed, as it is also named inside the PDF that shows it.
pub fn patient_signature_file(id: &str) -> String {
    format!("nguoi-benh-ky-{id}.json")
}

pub fn patient_signature(id: &str) -> String {
    format!("du-lieu/{}", patient_signature_file(id))
}

/// The scan of a sheet that was signed on paper.
pub fn scan(id: &str, extension: &str) -> String {
    format!("ban-quet/{id}.{extension}")
}

/// The scan of the paper that a set (`sinh-hieu`) or a note (`phieu`) was written from.
pub fn entry_scan(of: &str, entry: &str, id: &str, extension: &str) -> String {
    format!("ban-quet/{of}-{entry}-{id}.{extension}")
}

/// The detached signature over a file.
pub fn beside(file: &str) -> String {
    format!("{file}.p7s")
}

pub fn result(id: &str, version: i64) -> String {
    format!("du-lieu/xet-nghiem-{id}-v{version}.json")
}

pub fn sheet(document: &str, version: i64) -> String {
    format!("phieu/{document}-v{version}.pdf")
}

/// A form's sheet as it was printed with its first signature, its second, …
pub fn signed_sheet(document: &str, version: i64, signature: usize) -> String {
    format!("phieu/{document}-v{version}-{signature}.pdf")
}

/// What a signature is about.
pub fn signature(id: &str) -> String {
    format!("chu-ky/{id}.json")
}

/// The CMS itself, where it does not stand in a PDF.
pub fn signature_value(id: &str) -> String {
    format!("chu-ky/{id}.p7s")
}

/// Certificates and revocation lists that were good when it was made.
pub fn signature_evidence(id: &str) -> String {
    format!("chu-ky/{id}.bang-chung.json")
}

pub fn certificate(fingerprint: &str) -> String {
    format!("chung-thu/{fingerprint}.pem")
}

pub fn head(chain: &str, seq: i64) -> String {
    format!("nhat-ky/dau-{chain}-{seq}.json")
}

/// The seal over a head.
pub fn head_seal(head: &str) -> String {
    format!("{head}.p7s")
}

/// A relative path of plain letters: it cannot leave the folder that it is unpacked to.
pub(crate) fn is_plain(path: &str) -> bool {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    path.len() <= LONGEST && path.split('/').all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_stay_in_their_folder_are_plain() {
        for good in [README, MANIFEST_SEAL, TRAIL, &sheet("0190a1b2-0000-7000-8000-000000000001", 12)] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", "C:\\x", "a\\b", "phiếu.pdf", ".ssh/x", "a\0b"]
        {
            assert!(!is_plain(bad), "{bad}");
        }
        assert!(!is_plain(&"a".repeat(161)));
    }
}
