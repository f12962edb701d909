//! The answer to a message (HL7 v2 chapter 2.9), in the sender's own delimiters and charset.
//!
//! Original mode answers AA, AE or AR; enhanced mode may want a commit answer CA or CE. Practice is that
//! nearly every device takes AA, so a commit answer is given only to those whose profile asks for it.

use super::{Delimiters, Message};

/// MSA-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It is stored.
    Accepted,
    /// It could not be stored: send it again.
    StorageFailed,
    /// It is no HL7 message.
    Rejected,
}

/// Which family of codes the device understands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// AA, AE, AR.
    #[default]
    Application,
    /// CA, CE, CR.
    Commit,
}

impl Code {
    fn text(self, mode: Mode) -> &'static [u8] {
        match (self, mode) {
            (Self::Accepted, Mode::Application) => b"AA",
            (Self::Accepted, Mode::Commit) => b"CA",
            (Self::StorageFailed, Mode::Application) => b"AE",
            (Self::StorageFailed, Mode::Commit) => b"CE",
            (Self::Rejected, Mode::Application) => b"AR",
            (Self::Rejected, Mode::Commit) => b"CR",
        }
    }
}

/// What the answer says besides its code.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub code: Code,
    pub mode: Mode,
    /// Our own MSH-10.
    pub control_id: &'a str,
    /// MSH-7, `20261122203000+0700`.
    pub time: &'a str,
    /// MSA-3, plain ASCII, without patient data.
    pub text: &'a str,
}

/// False when MSH-15 and MSH-16 ask for no answer in this case. What stands there and is no condition of table
/// 0155 asks for nothing: Mindray BS analyzers put the kind of result into MSH-16.
#[must_use]
pub fn wanted(message: &Message<'_>, code: Code) -> bool {
    let accepted = code == Code::Accepted;
    let header = message.header();
    let asks = [15, 16].map(|number| Some(Condition::read(header.field(number).trimmed())?.holds(code)));
    match asks {
        [None, None] => true,
        // Where one of the two says nothing, a failure is told all the same.
        [None, Some(asked)] | [Some(asked), None] => asked || !accepted,
        [Some(one), Some(other)] => one || other,
    }
}

/// When MSH-15 or MSH-16 wants an answer (table 0155).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Always,
    Never,
    OnError,
    OnSuccess,
}

impl Condition {
    /// Anything else than AL, NE, ER and SU says nothing.
    #[must_use]
    pub fn read(field: &[u8]) -> Option<Self> {
        match field {
            b"AL" => Some(Self::Always),
            b"NE" => Some(Self::Never),
            b"ER" => Some(Self::OnError),
            b"SU" => Some(Self::OnSuccess),
            _ => None,
        }
    }

    fn holds(self, code: Code) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnError => code != Code::Accepted,
            Self::OnSuccess => code == Code::Accepted,
        }
    }
}

/// The answers of the standard, in the order in which they go out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// CA, CE or CR: as soon as it is known whether the bytes are kept.
    pub commit: Option<Code>,
    /// AA, AE or AR: after the message was dealt with.
    pub application: Option<Code>,
}

/// What the standard (2.9.2, 2.9.3) has go out for a message. `kept` is what became of its bytes, `done` what became
/// of its content.
///
/// | MSH-15 | MSH-16 | mode | at once | afterwards |
/// |---|---|---|---|---|
/// | empty | empty | original | nothing | AA, AE, AR by `done` |
/// | AL | any | enhanced | CA, CE, CR by `kept` | by MSH-16 |
/// | NE or empty | any | enhanced | nothing | by MSH-16 |
/// | ER | any | enhanced | CE, CR only | by MSH-16 |
/// | SU | any | enhanced | CA only | by MSH-16 |
/// | any | AL | enhanced | by MSH-15 | AA, AE, AR by `done` |
/// | any | NE or empty | enhanced | by MSH-15 | nothing |
/// | any | ER | enhanced | by MSH-15 | AE, AR only |
/// | any | SU | enhanced | by MSH-15 | AA only |
///
/// In enhanced mode nothing follows afterwards for bytes that were not kept: the sender sends them again. A value
/// that table 0155 does not have counts as empty. Devices do not keep to this, which is why the gateway goes by
/// [`wanted`], one answer a message, unless a profile asks for the standard.
#[must_use]
pub fn due(message: &Message<'_>, kept: Code, done: Code) -> Due {
    let header = message.header();
    let [accept, application] = [15, 16].map(|number| Condition::read(header.field(number).trimmed()));
    if accept.is_none() && application.is_none() {
        let code = if kept == Code::Accepted { done } else { kept };
        return Due { commit: None, application: Some(code) };
    }
    Due {
        commit: accept.filter(|condition| condition.holds(kept)).map(|_| kept),
        application: application.filter(|condition| kept == Code::Accepted && condition.holds(done)).map(|_| done),
    }
}

/// The answer to a message; MSA-2 is its MSH-10, byte for byte.
#[must_use]
pub fn build(message: &Message<'_>, answer: Answer<'_>) -> Vec<u8> {
    let header = message.header();
    let event = header.field(9).component(2);
    let field = |number: usize| header.field(number).raw();
    write(
        message.delimiters(),
        [field(5), field(6), field(3), field(4)],
        event.raw(),
        [field(11), field(12), field(18)],
        field(10),
        answer,
    )
}

/// The answer to something that is no HL7 message.
#[must_use]
pub fn build_rejection(answer: Answer<'_>) -> Vec<u8> {
    write(Delimiters::USUAL, [b""; 4], b"", [b"P", b"2.3.1", b""], b"", answer)
}

fn write(
    delimiters: Delimiters,
    parties: [&[u8]; 4],
    event: &[u8],
    [processing, version, charset]: [&[u8]; 3],
    their_control_id: &[u8],
    answer: Answer<'_>,
) -> Vec<u8> {
    let separator = delimiters.field;
    let mut out = Vec::with_capacity(160);
    out.extend_from_slice(b"MSH");
    out.push(separator);
    let encoding = [delimiters.component, delimiters.repetition, delimiters.escape, delimiters.subcomponent];
    out.extend(encoding.into_iter().take_while(|byte| *byte != 0));
    let mut put = |field: &[u8]| {
        out.push(separator);
        out.extend_from_slice(field);
    };
    parties.into_iter().for_each(&mut put);
    put(answer.time.as_bytes());
    put(b"");
    put(&message_type(event, delimiters.component));
    put(answer.control_id.as_bytes());
    put(if processing.is_empty() { b"P" } else { processing });
    put(if version.is_empty() { b"2.3.1" } else { version });
    if !charset.is_empty() {
        [b"".as_slice(); 5].into_iter().for_each(&mut put);
        put(charset);
    }
    out.extend_from_slice(b"\rMSA");
    let mut put = |field: &[u8]| {
        out.push(separator);
        out.extend_from_slice(field);
    };
    put(answer.code.text(answer.mode));
    put(their_control_id);
    if !answer.text.is_empty() {
        put(answer.text.as_bytes());
    }
    out.push(b'\r');
    out
}

/// `ACK^R01^ACK`, or `ACK` where the event is not known.
fn message_type(event: &[u8], component: u8) -> Vec<u8> {
    if event.is_empty() {
        return b"ACK".to_vec();
    }
    let separator = [component];
    [b"ACK", &separator[..], event, &separator[..], b"ACK"].concat()
}
