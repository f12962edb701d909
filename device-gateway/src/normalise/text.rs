//! Decoded text as it may stand in a record.

/// Longest name, number or code by which anything is known. What is longer is no name, and a message may hold
/// thousands of values that each carry it.
const LONGEST_NAME: usize = 120;

/// Without white space around it, and without the control characters that no database keeps: devices with fixed
/// buffers pad with NUL.
pub fn clean(text: &str) -> String {
    let unwanted = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if text.contains(unwanted) { text.replace(unwanted, "").trim().to_owned() } else { text.trim().to_owned() }
}

/// As [`clean`], and no longer than a name is.
pub fn name(text: &str) -> String {
    let mut text = clean(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST_NAME) {
        text.truncate(end);
    }
    text
}

/// Does it fit a name? A number that was cut would be another number.
pub fn is_name(text: &str) -> bool {
    text.chars().nth(LONGEST_NAME).is_none()
}
