//! What an outsider reads: the sheet's own pages with their name on each, and nothing of its signature.

use benhan_render::{ReadingCopy, Renderer};

use crate::poppler::OnDisk;
use crate::sample::{attach, chart};

// Clauses: KCB-69.4b, C46-7.1
#[test]
fn every_page_says_who_reads_it_and_nothing_of_the_signature_comes_along() {
    let renderer = Renderer::new().unwrap();
    let mut of = chart(60, 4.0);
    let attached = attach(&mut of);
    let sheet = renderer.vital_chart(&of, &attached, 1_795_309_200_000_000).unwrap();
    assert!(sheet.pages > 1, "{}", sheet.pages);
    let look = ReadingCopy {
        sheet: sheet.bytes.clone(),
        title: "Theo dõi chức năng sống",
        reader: "Trần Văn Phán",
        request: "26-YC000012",
        at: 1_795_309_200_000_000,
    };
    let copy = renderer.reading_copy(look.clone()).unwrap();
    assert_eq!(copy.pages, sheet.pages);
    let (read, signed) = (OnDisk::new(&copy), OnDisk::new(&sheet));
    read.assert_sound();
    let text = read.flat();
    assert_eq!(text.matches("BẢN ĐỌC · Trần Văn Phán").count(), 3 * copy.pages, "three times a page");
    assert_eq!(text.matches("Không phải bản sao, không có chữ ký số").count(), copy.pages);
    assert!(text.contains("Yêu cầu 26-YC000012 · 08:00 22/11/2026"), "{text}");
    assert!(signed.attachment_list().contains("1:") && !read.attachment_list().contains("1:"), "its data stay here");
    assert!(!read.metadata().contains("pdfaid"), "nobody takes it for a document of the record");
    let broken = ReadingCopy { sheet: b"%PDF-1.7 nothing".to_vec(), ..look };
    assert!(renderer.reading_copy(broken).is_err());
}
