//! Could this word be a Vietnamese syllable: an onset, a rime and a tone that go together?
//!
//! The language has few of them, and text read in a wrong charset hardly ever makes one.

use super::single::tone;

const ONSETS: [&str; 28] = [
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g", "h", "k", "l", "m",
    "n", "p", "q", "r", "s", "t", "v", "x",
];

const RIMES: &str = " a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây \
    e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu iê \
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet \
    oong ooc ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uât uâng uây uê uêch uênh uơ \
    uôc uôi uôm uôn uông uôt uy uya uych uynh uyt uyu uyp uyên uyêt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn \
    ương ươp ươt ươu y yên yêm yêu yêt yêng ynh yt ych ";

/// What nine of ten names have in them: family names, and the commonest of those between family and given name.
const NAMES: &str = " nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trịnh mai đào \
    tô hà lâm trương phùng vương lương thái tạ lưu cao châu quách triệu kiều văn thị hữu đức ngọc xuân quốc đình \
    thành thanh minh hồng thu kim anh thúy thùy phương bích ánh tuấn tiến trọng công việt hải mỹ quỳnh diễm thế chí ";

/// A word of the commonest names.
pub(super) fn is_in_many_names(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.chars().count() > 1 && stands_in(NAMES, &lower)
}

/// `word` as decoded, in any case. A longer word than `nghiêng` is none.
pub(super) fn is_vietnamese(word: &str) -> bool {
    if word.chars().count() > 7 {
        return false;
    }
    let (mut bare, mut tones) = (String::with_capacity(word.len()), Vec::new());
    for letter in word.chars().flat_map(char::to_lowercase) {
        let (letter, mark) = tone(letter);
        bare.push(letter);
        tones.extend(mark);
    }
    let stopped = bare.ends_with(['c', 'p', 't']) || bare.ends_with("ch");
    let tone_fits = match tones.as_slice() {
        [] => !stopped,
        [one] => !stopped || matches!(one, '\u{301}' | '\u{323}'),
        _ => false,
    };
    tone_fits && is_syllable(&bare)
}

fn is_syllable(bare: &str) -> bool {
    // `giêng` and `gìn` are both right, so every onset that fits is tried, and none.
    is_rime(bare) || ONSETS.iter().filter_map(|onset| bare.strip_prefix(onset)).any(is_rime)
}

fn is_rime(rest: &str) -> bool {
    stands_in(RIMES, rest)
}

/// A whole word of a list with blanks around each.
fn stands_in(list: &str, word: &str) -> bool {
    !word.is_empty()
        && !word.contains(' ')
        && list.match_indices(word).any(|(at, _)| {
            let before = list.get(..at).is_some_and(|text| text.ends_with(' '));
            let after = list.get(at + word.len()..).is_some_and(|text| text.starts_with(' '));
            before && after
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_what_a_wrong_charset_makes_of_them() {
        for word in "Nguyễn Văn Đạt Trần Thị Quỳnh Huỳnh Thuỳ Yến Ẩn Ý Giêng Nghĩa Khuê Hoà Hòa Lý Kỳ Ưng Phượng Huyết"
            .split(' ')
        {
            assert!(is_vietnamese(word), "{word}");
        }
        for word in "NguyÔn V¨n §¹t Nguyeãn Vaên Traàn NguyêÞn café Müller Ðat àtc nguyễnễ ÿ".split(' ')
        {
            assert!(!is_vietnamese(word), "{word}");
        }
    }
}
