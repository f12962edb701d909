//! Messages out of a batch (FHS, BHS … BTS, FTS), or out of a capture that holds several in a row.

/// Each message from its MSH to before the next MSH or batch segment. Bytes without any MSH give nothing.
pub fn messages(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let start = line_starts(rest).find(|at| begins(rest, *at, b"MSH"))?;
        let from = rest.get(start..)?;
        let end = line_starts(from).skip(1).find(|at| ends_a_message(from, *at)).unwrap_or(from.len());
        let (message, after) = from.split_at_checked(end)?;
        rest = after;
        Some(message)
    })
}

fn ends_a_message(bytes: &[u8], at: usize) -> bool {
    [b"MSH", b"FHS", b"BHS", b"BTS", b"FTS"].iter().any(|id| begins(bytes, at, *id))
}

fn begins(bytes: &[u8], at: usize, id: &[u8]) -> bool {
    let line = bytes.get(at..).unwrap_or_default();
    // A segment id is followed by its separator, never by another letter.
    line.starts_with(id) && line.get(id.len()).is_none_or(|next| !next.is_ascii_alphanumeric())
}

/// Where lines begin: also right after framing bytes, as captures have them.
fn line_starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let after_breaks = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_control()).map(|(index, _)| index + 1);
    let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    std::iter::once(mark).chain(after_breaks)
}
