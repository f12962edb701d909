//! Transfer syntaxes: how a dataset of each is laid out, and what can be made of its pixels.

use benhan_dimse::dataset::Encoding;

pub(crate) const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
pub(crate) const EXPLICIT_BIG: &str = "1.2.840.10008.1.2.2";
const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
/// Every standard transfer syntax begins so, those to come too.
const STANDARD: &str = "1.2.840.10008.1.2";

/// How the bytes of a dataset are to be walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) encoding: Encoding,
    pub(crate) deflated: bool,
}

/// The layout of a transfer syntax, or nothing for one that is not the standard's.
pub(crate) fn layout(uid: &str) -> Option<Layout> {
    let plain = |encoding| Some(Layout { encoding, deflated: false });
    match uid {
        IMPLICIT_LITTLE => plain(Encoding::ImplicitLittle),
        EXPLICIT_LITTLE => plain(Encoding::ExplicitLittle),
        EXPLICIT_BIG => plain(Encoding::ExplicitBig),
        DEFLATED => Some(Layout { encoding: Encoding::ExplicitLittle, deflated: true }),
        // JPIP Referenced Deflate: deflated too, and the pixels are elsewhere.
        "1.2.840.10008.1.2.4.95" | "1.2.840.10008.1.2.4.205" => {
            Some(Layout { encoding: Encoding::ExplicitLittle, deflated: true })
        }
        other => {
            let standard = other.strip_prefix(STANDARD).is_some_and(|rest| rest.starts_with('.'));
            if standard { plain(Encoding::ExplicitLittle) } else { None }
        }
    }
}

/// Its pixels are samples one after another, and not fragments of a compressed stream.
pub(crate) fn is_native(uid: &str) -> bool {
    matches!(uid, IMPLICIT_LITTLE | EXPLICIT_LITTLE | EXPLICIT_BIG | DEFLATED)
}

/// Of the syntaxes that a peer proposes for an image, the one to take: the first that can be walked, but
/// never implicit where the same image may come with its VRs.
pub(crate) fn choose(proposed: &[String]) -> Option<&str> {
    let mut walkable = proposed.iter().map(String::as_str).filter(|uid| layout(uid).is_some());
    let first = walkable.next()?;
    match first {
        IMPLICIT_LITTLE => Some(walkable.find(|uid| *uid == EXPLICIT_LITTLE).unwrap_or(first)),
        _ => Some(first),
    }
}

/// For queries, which are small and never compressed.
pub(crate) fn choose_plain(proposed: &[String]) -> Option<&str> {
    let plain = |uid: &&str| matches!(*uid, EXPLICIT_LITTLE | IMPLICIT_LITTLE);
    proposed.iter().map(String::as_str).find(plain)
}

/// The name under which the journal keeps a layout.
pub(crate) fn layout_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::ImplicitLittle => "implicit-little",
        Encoding::ExplicitLittle => "explicit-little",
        Encoding::ExplicitBig => "explicit-big",
    }
}

pub(crate) fn layout_from_name(name: &str) -> Encoding {
    match name {
        "implicit-little" => Encoding::ImplicitLittle,
        "explicit-big" => Encoding::ExplicitBig,
        _ => Encoding::ExplicitLittle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vrs_are_preferred_and_strangers_declined() {
        let both = [IMPLICIT_LITTLE.to_owned(), EXPLICIT_LITTLE.to_owned()];
        assert_eq!(choose(&both), Some(EXPLICIT_LITTLE));
        let jpeg_first = ["1.2.840.10008.1.2.4.90".to_owned(), EXPLICIT_LITTLE.to_owned()];
        assert_eq!(choose(&jpeg_first), Some("1.2.840.10008.1.2.4.90"));
        assert_eq!(choose(&["1.2.840.113619.5.2".to_owned()]), None);
        assert_eq!(choose_plain(&[EXPLICIT_BIG.to_owned()]), None);
    }
}
