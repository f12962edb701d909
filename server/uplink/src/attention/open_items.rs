//! The list itself: bounded, the newest first, with texts that the server takes.

use benhan_contract::{AttentionItem, MOST_ATTENTION};

/// The longest texts that the server takes.
pub(super) const LONGEST: usize = 64;
const LONGEST_REASON: usize = 300;

/// What is open now: the newest items first, at most [`MOST_ATTENTION`], and how many there are of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenItems {
    pub items: Vec<AttentionItem>,
    pub total: i64,
}

impl OpenItems {
    /// Puts several lists together; `total` is of all of them.
    #[must_use]
    pub fn newest(mut items: Vec<AttentionItem>, total: i64) -> Self {
        items.sort_by(|one, other| other.since.cmp(&one.since).then_with(|| one.key.cmp(&other.key)));
        items.truncate(MOST_ATTENTION);
        for item in &mut items {
            for text in [&mut item.sender, &mut item.address, &mut item.about] {
                fit(text, LONGEST);
            }
            fit(&mut item.reason, LONGEST_REASON);
        }
        Self { items, total }
    }
}

/// Without control characters and outer blanks, and cut to length.
pub(super) fn fit(text: &mut String, longest: usize) {
    if text.contains(char::is_control) || text.trim() != text || text.chars().count() > longest {
        *text = text.trim().chars().filter(|c| !c.is_control()).take(longest).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(key: &str, since: i64) -> AttentionItem {
        AttentionItem {
            key: key.to_owned(),
            kind: "message-refused".to_owned(),
            at: 0,
            since,
            times: 1,
            sender: "mllp\u{7}".to_owned(),
            address: String::new(),
            about: String::new(),
            reason: "x".repeat(1_000),
            again: true,
        }
    }

    #[test]
    fn a_list_is_bounded_newest_first_and_its_texts_fit() {
        let items = (0..300).map(|n| item(&format!("k{n:03}"), n / 2)).collect();
        let open = OpenItems::newest(items, 300);
        assert_eq!((open.items.len(), open.total), (MOST_ATTENTION, 300));
        let keys: Vec<&str> = open.items.iter().take(3).map(|item| item.key.as_str()).collect();
        assert_eq!(keys, ["k298", "k299", "k296"]);
        assert!(open.items.iter().all(|item| item.sender == "mllp" && item.reason.len() == LONGEST_REASON));
    }
}
