//! Vietnamese text: kept in NFC, searched without marks.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// NFC, outer blanks off, inner runs of blanks made one, control characters refused by dropping them.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.nfc().filter(|c| !c.is_control() || c.is_whitespace()).collect::<String>().split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Like [`clean`] but lines survive: for notes.
pub fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// For old screens and text messages: no marks, đ as d, and nothing that is not ASCII.
pub fn without_marks(text: &str) -> String {
    clean(&unmarked(text).filter(char::is_ascii).collect::<String>())
}

/// The search form: lower case, no marks, đ as d. The same on every database because it is made here.
pub fn fold(text: &str) -> String {
    clean(&unmarked(text).flat_map(char::to_lowercase).collect::<String>())
}

fn unmarked(text: &str) -> impl Iterator<Item = char> {
    text.nfd().filter(|c| !is_combining_mark(*c)).map(|c| match c {
        'đ' => 'd',
        'Đ' => 'D',
        c => c,
    })
}

/// First letters of a folded name: `nvd` finds Nguyễn Văn Dũng.
pub fn initials(name: &str) -> String {
    fold(name).split(' ').filter_map(|word| word.chars().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        assert_eq!(fold("Nguyễn Văn  Đạt"), "nguyen van dat");
        assert_eq!(fold("Nguye\u{302}\u{303}n"), "nguyen");
        assert_eq!(fold("HƯỜNG"), "huong");
        assert_eq!(initials("Đặng Thị Ánh"), "dta");
    }

    #[test]
    fn text_is_kept_composed_and_tidy() {
        assert_eq!(clean("  Nguye\u{302}\u{303}n\tVăn \u{0} A "), "Nguyễn Văn A");
        assert_eq!(clean_lines("dòng 1 \r\n\r\n dòng 3"), "dòng 1\n\ndòng 3");
    }

    proptest::proptest! {
        #[test]
        fn cleaning_and_folding_are_stable(text in ".{0,80}") {
            proptest::prop_assert_eq!(clean(&clean(&text)), clean(&text));
            proptest::prop_assert_eq!(fold(&fold(&text)), fold(&text));
        }
    }
}
