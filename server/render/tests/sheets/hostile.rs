//! Text that nobody should type, and somebody will paste.

use std::sync::LazyLock;

use benhan_render::{Attachment, Limits, OnUncovered, RenderError, Renderer};
use proptest::prelude::*;

use crate::poppler::OnDisk;
use crate::sample::{NOW, care, chart};

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

#[test]
fn a_word_of_ten_thousand_letters_stays_in_its_column() {
    let mut sheet = care(1);
    sheet.entries[0].progress = "Ộ".repeat(10_000);
    sheet.entries[0].care = "mwMW".repeat(500);
    let pdf = RENDERER.care_sheet(&sheet, &[], NOW).unwrap();
    let read = OnDisk::new(&pdf);
    read.assert_sound();
    assert_eq!(read.text().matches('Ộ').count(), 10_000);
    assert!((3..60).contains(&pdf.pages), "{pdf:?}");
}

#[test]
fn long_words_in_every_small_field_do_not_break_the_chart() {
    let mut chart = chart(2, 11.9);
    let long = "W".repeat(300);
    for set in &mut chart.sets {
        set.readings.oxygen = Some(long.clone());
        set.readings.consciousness = Some(long.clone());
        set.author.clone_from(&long);
        set.note.clone_from(&long);
        let signature = set.signature.as_mut().unwrap();
        signature.name.clone_from(&long);
        signature.certificate.clone_from(&long);
    }
    for text in [
        &mut chart.letterhead.authority,
        &mut chart.letterhead.code,
        &mut chart.letterhead.facility,
        &mut chart.letterhead.department,
        &mut chart.patient.name,
        &mut chart.patient.diagnosis,
        &mut chart.patient.code,
        &mut chart.patient.room,
        &mut chart.document.id,
    ] {
        text.clone_from(&long);
    }
    let pdf = RENDERER.vital_chart(&chart, &[], NOW).unwrap();
    OnDisk::new(&pdf).assert_sound();
}

#[test]
fn long_remarks_run_over_the_page_and_lose_nothing() {
    let mut chart = chart(3, 11.9);
    chart.sets[1].note = "dòng Ộ\n".repeat(600);
    chart.sets[2].withdrawn = Some("đã Ặ ".repeat(1_500));
    chart.patient.diagnosis = "Ễ ".repeat(2_000);
    let pdf = RENDERER.vital_chart(&chart, &[], NOW).unwrap();
    let read = OnDisk::new(&pdf);
    read.assert_sound();
    let text = read.text();
    let count = |letter: char| text.matches(letter).count();
    assert_eq!((count('Ộ'), count('Ặ')), (600, 1_500));
    assert_eq!(text.matches("Ễ").count() - text.matches("NGUYỄN THỊ DIỄM").count() * 2, 2_000);
}

#[test]
fn many_short_lines_are_all_there() {
    let mut sheet = care(2);
    sheet.entries[0].care = "Ộ\n".repeat(300);
    let read = OnDisk::new(&RENDERER.care_sheet(&sheet, &[], NOW).unwrap());
    assert_eq!(read.text().matches('Ộ').count(), 300);
}

#[test]
fn typst_markup_is_only_text() {
    let mut sheet = care(1);
    sheet.entries[0].progress = "#panic() #read(\"/etc/passwd\") $x$ *b* _i_ @a <b> // c /* d".into();
    sheet.patient.name = "]#pagebreak()[".into();
    let pdf = RENDERER.care_sheet(&sheet, &[], NOW).unwrap();
    assert_eq!(pdf.pages, 1);
    OnDisk::new(&pdf)
        .assert_in_order(&["]#PAGEBREAK()[", "#panic() #read(\"/etc/passwd\") $x$ *b* _i_ @a <b> // c /* d"]);
}

#[test]
fn decomposed_letters_are_composed() {
    let mut sheet = care(1);
    sheet.entries[0].progress = "Nguye\u{302}\u{303}n Thi\u{323} Hu\u{31b}o\u{31b}\u{300}ng".into();
    OnDisk::new(&RENDERER.care_sheet(&sheet, &[], NOW).unwrap()).assert_in_order(&["Nguyễn Thị Hường"]);
}

#[test]
fn what_cannot_be_printed_is_refused_before_it_is_set() {
    for (text, characters) in [
        ("đỡ 😀", vec!['😀']),
        ("مرحبا", vec!['ا', 'ب', 'ح', 'ر', 'م']),
        ("漢\u{202e}x\u{0}", vec!['\u{0}', '\u{202e}', '漢']),
    ] {
        let mut sheet = care(2);
        sheet.entries[1].care = text.into();
        match RENDERER.care_sheet(&sheet, &[], NOW) {
            Err(RenderError::Uncovered { place, characters: named }) => {
                assert_eq!((place.as_str(), named), ("/entries/1/care", characters));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn an_old_record_can_be_printed_with_stand_ins() {
    let lenient = Renderer::new().unwrap().with_uncovered(OnUncovered::Replace);
    let mut sheet = care(1);
    sheet.entries[0].progress = "đỡ 😀 nhiều".into();
    OnDisk::new(&lenient.care_sheet(&sheet, &[], NOW).unwrap()).assert_in_order(&["đỡ \u{fffd} nhiều"]);
}

#[test]
fn too_much_is_refused() {
    let too_large = |result: Result<_, RenderError>, what: &str| match result {
        Err(RenderError::TooLarge { what: named, .. }) => assert_eq!(named, what),
        other => panic!("{what}: {other:?}"),
    };
    let small = Renderer::new().unwrap().with_limits(Limits { rows: 20, pages: 2, text: 100, ..Limits::default() });
    too_large(small.vital_chart(&chart(21, 1.0), &[], NOW), "rows");
    too_large(small.vital_chart(&chart(20, 1.0), &[], NOW), "pages");
    let mut sheet = care(1);
    sheet.entries[0].care = "a".repeat(101);
    too_large(small.care_sheet(&sheet, &[], NOW), "characters in a text");
    let heavy = Attachment::json("a.json", vec![0; 33 << 20]);
    too_large(RENDERER.care_sheet(&care(1), &[heavy], NOW), "bytes of attachments");
}

#[test]
fn numbers_and_instants_that_are_none_are_refused() {
    let mut broken = chart(1, 1.0);
    broken.sets[0].readings.pulse = Some(f64::NAN);
    assert!(matches!(RENDERER.vital_chart(&broken, &[], NOW), Err(RenderError::NotPrintable(_))));
    let mut broken = chart(1, 1.0);
    broken.sets[0].effective_at = i64::MAX;
    assert!(matches!(RENDERER.vital_chart(&broken, &[], NOW), Err(RenderError::NotPrintable(_))));
    assert!(matches!(RENDERER.vital_chart(&chart(1, 1.0), &[], i64::MIN), Err(RenderError::NotPrintable(_))));
}

#[test]
fn a_renderer_serves_many_threads_at_once() {
    let expected = RENDERER.care_sheet(&care(2), &[], NOW).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(RENDERER.care_sheet(&care(2), &[], NOW).unwrap(), expected));
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever passes the glyph check is typeset: the two never disagree.
    #[test]
    fn no_text_fails_after_the_check(text in "(\\PC|\\p{M}|[ \\n\\t]){0,60}") {
        let mut sheet = care(1);
        sheet.entries[0].progress.clone_from(&text);
        sheet.patient.name = text.clone();
        let lenient = Renderer::new().unwrap().with_uncovered(OnUncovered::Replace);
        prop_assert!(lenient.care_sheet(&sheet, &[], NOW).is_ok());
        match RENDERER.care_sheet(&sheet, &[], NOW) {
            Ok(_) | Err(RenderError::Uncovered { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
