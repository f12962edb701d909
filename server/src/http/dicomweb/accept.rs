//! Which form a viewer wants an answer in (PS3.18 §8.7.4): one part alone, or `multipart/related`.

/// The form that was agreed, with the media type of a part as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    Single(String),
    Multipart(String),
}

/// The best of the caller's choices that is one of `offered`; without a header, or for anything, a multipart of the
/// first. `None`: not acceptable.
pub fn form(header: Option<&str>, offered: &[&str]) -> Option<Form> {
    let first = offered.first().copied()?;
    let header = header.map(str::trim).filter(|h| !h.is_empty()).unwrap_or("*/*");
    let mut choices: Vec<(f32, &str)> = header.split(',').take(32).map(|c| (quality(c), c.trim())).collect();
    // Stable: among equals the caller's order decides.
    choices.sort_by(|a, b| b.0.total_cmp(&a.0));
    choices.into_iter().filter(|(q, _)| *q > 0.0).find_map(|(_, choice)| one(choice, first, offered))
}

fn one(choice: &str, first: &str, offered: &[&str]) -> Option<Form> {
    let mut parts = choice.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let parameter = |name: &str| {
        let found = choice.split(';').skip(1).filter_map(|p| p.trim().split_once('='));
        let value = found.filter(|(k, _)| k.trim().eq_ignore_ascii_case(name)).map(|(_, v)| v).next()?;
        Some(value.trim().trim_matches('"').to_ascii_lowercase())
    };
    let with_syntax = |media: &str| match parameter("transfer-syntax") {
        Some(uid) if uid.bytes().all(|b| b.is_ascii_digit() || b == b'.') => format!("{media}; transfer-syntax={uid}"),
        _ => media.to_owned(),
    };
    match essence.as_str() {
        "*/*" | "multipart/*" => Some(Form::Multipart(first.to_owned())),
        "multipart/related" => {
            let of = parameter("type").unwrap_or_else(|| first.to_owned());
            let of = if of == "*/*" { first.to_owned() } else { of };
            offered.contains(&of.as_str()).then(|| Form::Multipart(with_syntax(&of)))
        }
        single => offered.contains(&single).then(|| Form::Single(with_syntax(single))),
    }
}

fn quality(choice: &str) -> f32 {
    let q = choice.split(';').skip(1).filter_map(|p| p.trim().strip_prefix("q=")).next();
    q.and_then(|q| q.parse().ok()).filter(|q: &f32| q.is_finite()).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMES: [&str; 2] = ["application/octet-stream", "image/jpeg"];

    #[test]
    fn the_best_choice_that_is_offered_wins() {
        let multi = |m: &str| Some(Form::Multipart(m.into()));
        assert_eq!(form(None, &FRAMES), multi("application/octet-stream"));
        assert_eq!(form(Some("*/*"), &FRAMES), multi("application/octet-stream"));
        assert_eq!(
            form(Some("application/octet-stream"), &FRAMES),
            Some(Form::Single("application/octet-stream".into()))
        );
        let asked = r#"multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50"#;
        assert_eq!(form(Some(asked), &FRAMES), multi("image/jpeg; transfer-syntax=1.2.840.10008.1.2.4.50"));
        let ranked = r#"image/jpeg;q=0.2, multipart/related; type="application/octet-stream"; q=0.9"#;
        assert_eq!(form(Some(ranked), &FRAMES), multi("application/octet-stream"));
    }

    #[test]
    fn what_nobody_offers_is_not_acceptable() {
        assert_eq!(form(Some("text/html"), &FRAMES), None);
        assert_eq!(form(Some("application/octet-stream;q=0"), &FRAMES), None);
        assert_eq!(form(Some(r#"multipart/related; type="video/mpeg""#), &FRAMES), None);
    }
}
