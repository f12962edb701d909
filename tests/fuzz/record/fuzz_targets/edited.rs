//! What a stranger makes of something honest.

/// The whole with the input's edits: each a place, how much goes, and what comes instead.
pub fn edited(whole: &[u8], mut edits: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    while let [high, low, gone, come, rest @ ..] = edits {
        let at = usize::from(*high) << 8 | usize::from(*low);
        let at = at % bytes.len().max(1);
        let end = (at + usize::from(*gone)).min(bytes.len());
        let (new, after) = rest.split_at(usize::from(*come).min(rest.len()));
        bytes.splice(at..end, new.iter().copied());
        edits = after;
    }
    bytes
}
