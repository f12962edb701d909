//! What stands around a field's text and says nothing: white space, and the NULs and other control characters
//! that devices with fixed buffers send after it. No charset that is read here has letters among them.

/// The text without its padding.
pub(crate) fn strip(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_padding(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_padding(*last)
    {
        bytes = rest;
    }
    bytes
}

fn is_padding(byte: u8) -> bool {
    byte == b' ' || byte.is_ascii_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_around_the_text_goes() {
        assert_eq!(strip(b" \0\tS 7\x01x\r\0\0 "), b"S 7\x01x");
        assert_eq!(strip(b"\0\0 "), b"");
        assert_eq!(strip("Đ".as_bytes()), "Đ".as_bytes());
    }
}
