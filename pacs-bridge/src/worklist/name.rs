//! Vietnamese names for modalities: as PN components, and without accents for those that cannot show them.

use unicode_normalization::UnicodeNormalization;

/// `Nguyễn Văn An` → `Nguyễn^Văn An`: family name, then the rest as the given name, so that a screen
/// that shows the components in order shows the name as it is spoken.
pub(crate) fn person_name(written: &str) -> String {
    let mut words = written.split_whitespace();
    let family = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    if rest.is_empty() { family.to_owned() } else { format!("{family}^{}", rest.join(" ")) }
}

/// Without accents (đ becomes d), anything else outside ASCII becomes `?`.
pub(crate) fn unaccented(text: &str) -> String {
    let plain = text.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    plain
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            c if c.is_ascii() => c,
            _ => '?',
        })
        .collect()
}

/// For comparing: no accents, no case, `^`, `=` and spaces all one space.
pub(crate) fn folded(text: &str) -> String {
    let plain = unaccented(text).to_lowercase();
    plain.split(['^', '=', ' ']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order_and_lose_only_their_accents() {
        assert_eq!(person_name("Nguyễn  Thị Ánh Đào"), "Nguyễn^Thị Ánh Đào");
        assert_eq!(unaccented("Nguyễn^Thị Ánh Đào"), "Nguyen^Thi Anh Dao");
        assert_eq!(folded("NGUYỄN^THỊ ÁNH^ĐÀO"), folded("nguyen thi anh dao"));
    }
}
