//! Names against a viewer's pattern: `*` any run, `?` any one character, without case, marks and `^`.

use super::folded;
use benhan_store::studies::Found;

/// Every name under which the study may be looked for, folded.
pub fn names(of: &Found) -> Vec<String> {
    match &of.patient {
        Some(known) => vec![folded(&known.name)],
        None => of.study.sent.patient_name.split('=').map(folded).collect(),
    }
}

/// A pattern without a wildcard matches the whole name, as PS3.4 §C.2.2.2.1 wants.
pub fn matches(pattern: &str, folded_name: &str) -> bool {
    // A star next to a separator stands for the separator too: `NGUYEN^*` finds a lone `NGUYEN`.
    let pattern: Vec<char> = folded(pattern).replace(" *", "*").replace("* ", "*").chars().collect();
    let name: Vec<char> = folded_name.chars().collect();
    // Two rows instead of recursion: hostile patterns cost pattern × name and no more.
    let mut row: Vec<bool> = vec![false; name.len() + 1];
    if let Some(first) = row.first_mut() {
        *first = true;
    }
    for p in pattern.iter().take(128) {
        let mut next = vec![false; name.len() + 1];
        let mut any = false;
        for (at, cell) in next.iter_mut().enumerate() {
            let here = row.get(at).copied().unwrap_or(false);
            let before = at.checked_sub(1).is_some_and(|b| row.get(b).copied().unwrap_or(false));
            let same = at.checked_sub(1).and_then(|b| name.get(b)).is_some_and(|c| c == p || *p == '?');
            any |= here;
            *cell = if *p == '*' { any } else { before && same };
        }
        row = next;
    }
    pattern.len() <= 128 && row.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn viewers_ask_in_capitals_with_stars() {
        let name = folded("Nguyễn Văn An");
        assert!(matches("NGUYEN^VAN AN", &name));
        assert!(matches("nguy*", &name));
        assert!(matches("*van*", &name));
        assert!(matches("NGUYEN^*", &name));
        assert!(matches("ngu?en van an", &name));
        assert!(!matches("nguyen", &name), "no wildcard, no part of a name");
        assert!(!matches("tran*", &name));
        assert!(matches("*", ""));
    }

    proptest::proptest! {
        #[test]
        fn any_pattern_is_answered(pattern in ".{0,200}", name in ".{0,80}") {
            let _ = matches(&pattern, &name);
        }
    }
}
