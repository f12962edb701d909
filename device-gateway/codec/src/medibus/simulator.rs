//! A ventilator's side of MEDIBUS, written from the document's examples. It shares no code with the decoder.

/// A message with its checksum, by another way than the driver's: as a number that is cut off.
fn message(start: char, body: &str) -> Vec<u8> {
    let text = format!("{start}{body}");
    let sum: u32 = text.bytes().map(u32::from).sum();
    format!("{text}{:02X}\r", sum % 256).into_bytes()
}

pub fn says(body: &str) -> Vec<u8> {
    message('\u{1b}', body)
}

pub fn answers(body: &str) -> Vec<u8> {
    message('\u{1}', body)
}

/// A device that answers commands by a script: what comes after the echo, or nothing at all.
pub fn device(script: impl Fn(char) -> Option<String> + 'static) -> impl FnMut(&[u8]) -> Vec<Vec<u8>> {
    move |heard| {
        let code = char::from(heard[1]);
        let answer = script(code).filter(|_| heard[0] == 0x1b);
        answer.into_iter().map(|data| answers(&format!("{code}{data}"))).collect()
    }
}

/// The codes of the commands among what a device heard.
pub fn commands(heard: &[Vec<u8>]) -> String {
    heard.iter().filter(|bytes| bytes[0] == 0x1b).map(|bytes| char::from(bytes[1])).collect()
}
