//! Whose key it is.

use benhan_domain::id::EncounterId;
use std::fmt;
use uuid::Uuid;

const IMAGES: &str = "images:";

/// A set of images that share a key: one study of one patient, as a bridge receives it. The images lead to the key and the
/// key to no study, so that a store of keys says nothing of whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImagesId(pub Uuid);

impl ImagesId {
    /// One that nobody has yet.
    #[must_use]
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }

    pub(crate) fn is_name(name: &str) -> bool {
        name.starts_with(IMAGES)
    }
}

/// What has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    Record(EncounterId),
    Images(ImagesId),
}

impl Holder {
    /// As the store of keys names it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Record(record) => record.to_string(),
            Self::Images(images) => format!("{IMAGES}{}", images.0.hyphenated()),
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(record) => write!(f, "record {record}"),
            Self::Images(images) => write!(f, "images {}", images.0.hyphenated()),
        }
    }
}

impl From<EncounterId> for Holder {
    fn from(record: EncounterId) -> Self {
        Self::Record(record)
    }
}

impl From<ImagesId> for Holder {
    fn from(images: ImagesId) -> Self {
        Self::Images(images)
    }
}
