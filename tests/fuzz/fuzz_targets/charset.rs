//! Charsets: any bytes in any charset become text in NFC, that text goes back into bytes, and Unicode comes back as
//! it was; whatever was said of the bytes, they are in some charset.
#![no_main]

use benhan_device_codec::charset::{Charset, unaccented};
use benhan_device_codec::hl7::{Message, Whole, batch, version};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (choice, bytes) = data.split_first().map_or((0, data), |(first, rest)| (usize::from(*first), rest));
    let charset = Charset::ALL[choice % Charset::ALL.len()];
    let text = charset.decode(bytes);
    let written = charset.encode(&text);
    if matches!(charset, Charset::Utf8 | Charset::Utf16Be) && !text.starts_with('\u{feff}') {
        assert_eq!(charset.decode(&written), text);
    }
    let _ = (charset.decode(&written), unaccented(&text).len());
    let said: [&[u8]; 4] = [b"", b"8859/1", b"UNICODE", b"GB 18030-2000"];
    let profile = (choice & 0x40 != 0).then_some(charset);
    let _ = Charset::of(bytes, said[choice % 4], profile);
    let whole = Whole::of(bytes, profile);
    assert!(whole.read_as.divisible() || whole.bytes.is_ascii());
    if let Ok(message) = Message::parse(&whole.bytes) {
        let _ = (version(&message), batch::counts(&whole.bytes).disagree());
    }
});
