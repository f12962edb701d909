//! A message in a charset whose letters hold delimiters (UTF-16, GB18030), made ready to be taken apart.

use super::Message;
use crate::charset::Charset;
use std::borrow::Cow;

/// A message's bytes as they can be split, and what they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// The charset of `bytes`: read fields with it.
    pub read_as: Charset,
    /// The charset of what was sent: answer in it.
    pub sent_in: Charset,
}

impl<'a> Whole<'a> {
    /// `profile` is the charset that the device's profile names.
    #[must_use]
    pub fn of(bytes: &'a [u8], profile: Option<Charset>) -> Self {
        let declared = Message::parse(bytes).ok().map(|message| message.header().field(18).raw()).unwrap_or_default();
        let sent_in = Charset::of(bytes, declared, profile);
        if sent_in.divisible() || (sent_in == Charset::Gb18030 && bytes.is_ascii()) {
            return Self { bytes: Cow::Borrowed(bytes), read_as: sent_in, sent_in };
        }
        Self { bytes: Cow::Owned(sent_in.decode(bytes).into_bytes()), read_as: Charset::Utf8, sent_in }
    }

    /// An answer made of these bytes, in the charset of the sender.
    #[must_use]
    pub fn answer(&self, answer: Vec<u8>) -> Vec<u8> {
        if self.read_as == self.sent_in {
            return answer;
        }
        self.sent_in.encode(&String::from_utf8_lossy(&answer))
    }
}
