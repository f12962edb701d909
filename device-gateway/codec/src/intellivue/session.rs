//! Association: asking for it, letting go of it, and telling the monitor's answers apart.
//!
//! The presentation layer around it is fixed octets of the protocol; no field of it is ours to choose.

/// What a message is, by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Accept,
    Refuse,
    /// The monitor wants to release.
    Finish,
    /// Our release is confirmed.
    Disconnect,
    Abort,
    Data,
    Other,
}

pub(super) fn kind(message: &[u8]) -> Kind {
    match message {
        [0x0E, ..] => Kind::Accept,
        [0x0C, ..] => Kind::Refuse,
        [0x09, ..] => Kind::Finish,
        [0x0A, ..] => Kind::Disconnect,
        [0x19, ..] => Kind::Abort,
        [0xE1, ..] => Kind::Data,
        _ => Kind::Other,
    }
}

const CONNECT: u8 = 0x0D;
const FINISH: u8 = 0x09;
const DISCONNECT: u8 = 0x0A;

/// Session version 1, both directions.
const SESSION_OPTIONS: &[u8] = &[0x05, 0x08, 0x13, 0x01, 0x00, 0x16, 0x01, 0x02, 0x80, 0x00, 0x14, 0x02, 0x00, 0x02];

/// ISO presentation and ACSE in front of the request's user information.
#[rustfmt::skip]
const CONNECT_PRESENTATION: &[u8] = &[
    0x31, 0x80, 0xA0, 0x80, 0x80, 0x01, 0x01, 0x00, 0x00, 0xA2, 0x80, 0xA0, 0x03, 0x00, 0x00, 0x01,
    // Presentation contexts 1 (ACSE) and 2 (data export), with their abstract and transfer syntaxes.
    0xA4, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x06, 0x04, 0x52, 0x01, 0x00, 0x01,
    0x30, 0x80, 0x06, 0x02, 0x51, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x30, 0x80, 0x02, 0x01, 0x02, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0x01,
    0x30, 0x80, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x02, 0x01,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    // The association request, with the application's name and the syntax of what follows.
    0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xA0, 0x80, 0x60, 0x80,
    0xA1, 0x80, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x03, 0x01, 0x00, 0x00,
    0xBE, 0x80, 0x28, 0x80, 0x06, 0x0C, 0x2A, 0x86, 0x48, 0xCE, 0x14, 0x02, 0x01, 0x00, 0x00, 0x00, 0x01, 0x01,
    0x02, 0x01, 0x02, 0x81,
];

/// The ends of all that was opened there.
const CONNECT_END: [u8; 16] = [0; 16];

/// Release, `62` to ask and `63` to confirm at the fifteenth place.
const fn release(operation: u8) -> [u8; 22] {
    [
        0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xA0, 0x80, operation, 0x80, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00,
    ]
}

/// Asks for an association in which we poll no more often than every `poll_millis`.
pub(super) fn request(poll_millis: u32) -> Vec<u8> {
    let user = user_information(poll_millis);
    let mut presentation = CONNECT_PRESENTATION.to_vec();
    presentation.push(u8::try_from(user.len()).unwrap_or(u8::MAX));
    presentation.extend(user);
    presentation.extend(CONNECT_END);
    let body = [SESSION_OPTIONS, &[0xC1], &length(presentation.len()), &presentation].concat();
    [&[CONNECT], length(body.len()).as_slice(), &body].concat()
}

/// Who we are and how we want to poll.
fn user_information(poll_millis: u32) -> Vec<u8> {
    // Bigger than a datagram on Ethernet need not be; answers beyond it come linked.
    const LARGEST_RECEIVED: u32 = 1400;
    const LARGEST_SENT: u32 = 1000;
    let mut user = Vec::new();
    // Protocol and nomenclature version 1, no functional units, a client, cold start; no options.
    for word in [0x8000_0000u32, 0x4000_0000, 0, 0x8000_0000, 0x2000_0000, 0] {
        user.extend(word.to_be_bytes());
    }
    // One profile: polling, with 40 bytes.
    user.extend([0, 1, 0, 0x2C, 0, 1, 0, 0x28]);
    let period = poll_millis.saturating_mul(8);
    for word in [0x8000_0000, period, LARGEST_RECEIVED, LARGEST_SENT, u32::MAX, 0x6000_0000] {
        user.extend(word.to_be_bytes());
    }
    // Its one package: extended polls, more than one reply to each.
    user.extend([0, 1, 0, 0x0C, 0xF0, 0x01, 0, 8]);
    for word in [0x8C00_0000u32, 0] {
        user.extend(word.to_be_bytes());
    }
    user
}

pub(super) fn release_request() -> Vec<u8> {
    [&[FINISH, 0x18, 0xC1, 0x16], release(0x62).as_slice()].concat()
}

pub(super) fn release_confirmation() -> Vec<u8> {
    [&[DISCONNECT, 0x18, 0xC1, 0x16], release(0x63).as_slice()].concat()
}

/// Gives an association up at once.
pub(super) fn abort() -> Vec<u8> {
    #[rustfmt::skip]
    const ABORT: [u8; 48] = [
        0x19, 0x2E, 0x11, 0x01, 0x03, 0xC1, 0x29, 0xA0, 0x80, 0xA0, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01,
        0x06, 0x02, 0x51, 0x01, 0x00, 0x00, 0x00, 0x00, 0x61, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0xA0,
        0x80, 0x64, 0x80, 0x80, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    ];
    ABORT.to_vec()
}

/// One byte, or FF and two.
fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) if short < u8::MAX => vec![short],
        _ => {
            let long = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
            [[u8::MAX].as_slice(), &long].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_the_request_are_right() {
        let request = request(1000);
        assert_eq!(request[0], CONNECT);
        assert_eq!(usize::from(request[1]), request.len() - 2);
        assert_eq!(request[16], 0xC1);
        assert_eq!(usize::from(request[17]), request.len() - 18);
        let user = request.len() - 16 - 72;
        assert_eq!(request[user - 1], 72);
        assert_eq!(request[user + 36..user + 40], 8000u32.to_be_bytes(), "a second in eighths of a millisecond");
    }
}
