//! `s3://BUCKET/PREFIX`: where objects lie. No address and no key: those are the store's.

use std::fmt::{self, Display};

pub const SCHEME: &str = "s3://";
const LONGEST: usize = 512;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    bucket: String,
    /// Without slashes at its ends; empty: the bucket itself.
    prefix: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no place in an S3 store: write s3://BUCKET/PREFIX, in letters without accents, digits, . _ and -")]
pub struct BadPlace(String);

impl Place {
    /// Nothing where the text means something else, as a folder.
    ///
    /// # Errors
    /// When it begins as a place and is none.
    pub fn meant(text: &str) -> Result<Option<Self>, BadPlace> {
        if text.starts_with(SCHEME) { Self::parse(text).map(Some) } else { Ok(None) }
    }

    /// # Errors
    /// Names that a URL, a folder or another store would read in another way.
    pub fn parse(text: &str) -> Result<Self, BadPlace> {
        let bad = || BadPlace(text.chars().take(LONGEST).collect());
        let rest = text.strip_prefix(SCHEME).filter(|rest| rest.len() <= LONGEST).ok_or_else(bad)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let bucket_fine = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|byte| fine(byte) && byte != b'_' && !byte.is_ascii_uppercase())
            && bucket.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
        let prefix_fine = prefix.is_empty()
            || prefix
                .split('/')
                .all(|part| !part.is_empty() && part.bytes().all(fine) && !part.trim_matches('.').is_empty());
        if !bucket_fine || !prefix_fine {
            return Err(bad());
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// What every key of this place begins with.
    pub(crate) fn before(&self) -> String {
        if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) }
    }

    /// The place above and the last name of this one.
    pub fn split(&self) -> Option<(Self, &str)> {
        let (above, last) = self.prefix.rsplit_once('/').unwrap_or(("", &self.prefix));
        (!last.is_empty()).then(|| (Self { bucket: self.bucket.clone(), prefix: above.to_owned() }, last))
    }
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        write!(f, "{SCHEME}{}{slash}{}", self.bucket, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_as_it_was_written_and_no_name_leads_elsewhere() {
        for (text, bucket, before) in [
            ("s3://benhan", "benhan", ""),
            ("s3://benhan/", "benhan", ""),
            ("s3://benh-vien.33/sao-luu/Noi_1/", "benh-vien.33", "sao-luu/Noi_1/"),
        ] {
            let place = Place::parse(text).expect(text);
            assert_eq!((place.bucket(), place.before().as_str()), (bucket, before));
            assert_eq!(place.to_string(), text.trim_end_matches('/'));
        }
        for bad in [
            "s3://",
            "s3://ab",
            "s3:///x",
            "s3://Benhan/x",
            "s3://ben_han",
            "s3://benhan/../x",
            "s3://benhan/a//b",
            "s3://benhan/a/./b",
            "s3://benhan/ä",
            "s3://benhan/a b",
            "s3://benhan/a?b",
            "s3://-ab/x",
            "/mnt/backup",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Place::meant("/mnt/backup"), Ok(None));
        assert!(Place::meant("s3://x").is_err());
    }

    #[test]
    fn the_last_name_is_split_off() {
        let split = |text: &str| {
            let place = Place::parse(text).expect(text);
            place.split().map(|(above, last)| (above.to_string(), last.to_owned()))
        };
        assert_eq!(split("s3://benhan/a/b"), Some(("s3://benhan/a".into(), "b".into())));
        assert_eq!(split("s3://benhan/b"), Some(("s3://benhan".into(), "b".into())));
        assert_eq!(split("s3://benhan"), None);
    }
}
